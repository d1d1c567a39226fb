"""Plans what a proposal for a line of the bank would do, and does it once a second person has confirmed."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col

from services.payments.domain.bank_lines import UNMARKED
from services.payments.domain.candidates import effect_of_match, require_effect, require_same_attempt
from services.payments.domain.contradictions import BOOKS, ProposedResolution
from services.payments.domain.ledger import OPPOSITES
from services.payments.domain.line_parts import BOOKS_REST, LinePart, rest_of
from services.payments.queries.known_attempts import known_attempts
from services.payments.queries.line_acts import LineAct, RegionBooking
from services.payments.queries.line_facts import facts_of, line_of
from services.payments.queries.undoing import said_by, undone_state
from services.payments.steps.bank_answer import apply_bank_answer
from services.payments.steps.bank_words import give_words_to
from services.payments.steps.recoveries import settle_by_person, undo_settlement
from services.payments.steps.region_ledger import amount_to_book, book_line, region_to_book
from services.payments.steps.undo_answer import undo_answer
from services.payments.tables import AttemptRow, BankLineRow, DisbursementRow, RecoveryRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.ids import new_id
from shared.kernel.money import Money
from shared.messaging.context import Context


async def plan(context: Context, line: BankLineRow, part: LinePart) -> LineAct:
    """Of the whole line, or of a part. `Conflict` 'match-without-effect', 'not-in-part', 'credit-without-reference', and as
    `amount_to_book` and `region_to_book`; `NotFound` 'unknown-recovery'."""
    attempt_id, booking = None, None
    if part.disbursement_id is not None:
        attempt_id, booking = await _plan_match(context, line, part)
    elif (kind := BOOKS.get(part.resolution)) is not None:
        amount_to_book(line)
        booking = RegionBooking(kind, await region_to_book(context, line), part.amount_minor)
    if part.recovery_id is not None:
        await _check_recovery(context, line, part.recovery_id)
    return LineAct(new_id(), part.resolution, part.amount_minor, part.disbursement_id, attempt_id, part.recovery_id, booking)


async def _plan_match(context: Context, line: BankLineRow, part: LinePart) -> tuple[UUID, RegionBooking | None]:
    """The latest attempt, which the part fits; and what is booked of a rest."""
    assert part.disbursement_id is not None
    attempts = await known_attempts(context, col(AttemptRow.disbursement_id) == part.disbursement_id)
    latest = attempts[-1]
    require_effect(effect_of_match(await facts_of(context, line, matched(line, part.resolution, part.amount_minor, latest.amount)), latest))
    if part.rest is None:
        return latest.attempt_id, None
    disbursement = await context.session.get_one(DisbursementRow, part.disbursement_id)
    rest = rest_of(latest.amount, Money(part.amount_minor, line.currency or ""))
    return latest.attempt_id, RegionBooking(BOOKS_REST[part.rest], disbursement.region, rest.minor)


def matched(line: BankLineRow, resolution: str, amount_minor: int | None, paid: Money) -> Money | None:
    """The amount that has to be that of the payment. Of a return in part it is by what the person says of the rest."""
    if resolution == ProposedResolution.RETURNED_IN_PART:
        return paid
    return Money(amount_minor, line.currency or "") if amount_minor else None


async def _check_recovery(context: Context, line: BankLineRow, recovery_id: UUID) -> None:
    recovery = await context.session.get(RecoveryRow, recovery_id)
    if recovery is None:
        raise NotFound("unknown-recovery", "There is no such recovery.")
    authorise(context.actor, Permission.SETTLE_RECOVERY, region=recovery.region)
    if line.bank_reference is None:
        raise Conflict("credit-without-reference", "The credit has no reference of the bank, so it cannot settle a recovery.")


async def plan_to_undo(context: Context, line: BankLineRow, acts: Sequence[LineAct]) -> list[LineAct]:
    """The opposite of each, in the opposite order; none for what has changed nothing. `Conflict` as `undone_state`."""
    for act in acts:
        if act.attempt_id is not None:
            await undone_state(context, said_by(line, act.attempt_id))
    return [
        LineAct(
            new_id(), ProposedResolution.UNDONE, act.amount_minor, act.disbursement_id, act.attempt_id, act.recovery_id,
            act.books and RegionBooking(OPPOSITES[act.books.kind], act.books.region, act.books.amount_minor),
        )
        for act in reversed(acts) if act.books is not None or act.disbursement_id or act.recovery_id
    ]  # fmt: skip


async def do(context: Context, line: BankLineRow, act: LineAct) -> None:
    """The caller holds the locks on the line and on what it is matched to. `Conflict` 'attempt-changed', 'match-without-effect', and as
    `settle_by_person`, `book_line`, `undo_answer` and `undo_settlement`."""
    if act.resolution == ProposedResolution.UNDONE:
        await _undo(context, line, act)
    elif act.disbursement_id is not None:
        await _match(context, line, act)
    if act.recovery_id is not None and act.resolution != ProposedResolution.UNDONE:
        await settle_by_person(context, act.recovery_id, line.bank_reference or "", act.amount_minor)
        line.recovery_id = act.recovery_id
    if act.books is not None:
        await book_line(context, line, act.books.region, act.books.kind, act.origin, act.books.amount_minor)
    await context.session.flush()


async def _undo(context: Context, line: BankLineRow, act: LineAct) -> None:
    """What it was matched to. The line is of no payment again, unless it names it."""
    if act.disbursement_id is not None and act.attempt_id is not None:
        await undo_answer(context, act.disbursement_id, said_by(line, act.attempt_id))
        if line.disbursement_id != act.disbursement_id:
            line.attempt_id = None
    if act.recovery_id is not None:
        await undo_settlement(context, act.recovery_id)
        if line.reason in UNMARKED:
            line.recovery_id = None


async def _match(context: Context, line: BankLineRow, act: LineAct) -> None:
    """To the attempt that was seen, which is still the latest. The bank's answer follows by rule from the persons' act, like every answer
    of the bank."""
    assert act.disbursement_id is not None
    attempts = await known_attempts(context, col(AttemptRow.disbursement_id) == act.disbursement_id, lock=True)
    require_same_attempt(act.attempt_id, attempts[-1].attempt_id)
    facts = await facts_of(context, line, matched(line, act.resolution, act.amount_minor, attempts[-1].amount))
    effect = require_effect(effect_of_match(facts, attempts[-1]))
    disbursement = await context.session.get_one(DisbursementRow, act.disbursement_id, populate_existing=True)
    applied = await apply_bank_answer(context.as_system(), disbursement, line_of(line), effect, confirmed=True)
    require_effect(applied)
    if act.resolution != ProposedResolution.MATCHED or act.amount_minor == line.amount_minor:
        line.attempt_id = applied.attempt_id
    await give_words_to(context, line, disbursement)
