"""An unmatched line and the payment that it is to be matched to, locked; and what the confirmation of a match does."""

from uuid import UUID

from sqlmodel import col

from services.payments.domain.bank_lines import LineOutcome
from services.payments.domain.candidates import effect_of_match, require_effect, require_same_attempt
from services.payments.domain.contradictions import ProposedResolution
from services.payments.domain.ledger import RegionEntryKind
from services.payments.locks import find_and_lock_voucher, lock_row
from services.payments.queries.known_attempts import known_attempts
from services.payments.queries.line_facts import authorise_for_line, booked_for, facts_of, line_of
from services.payments.steps.bank_answer import apply_bank_answer
from services.payments.steps.bank_words import give_words_to
from services.payments.tables import AttemptRow, BankLineRow, DisbursementRow, LineProposalRow, VoucherRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.context import Context


async def lock_open_line(context: Context, line_id: UUID) -> BankLineRow:
    """`NotFound` 'unknown-bank-line', `Conflict` 'line-not-open'. What the line names is locked before."""
    line = await lock_row(context, BankLineRow, col(BankLineRow.id) == line_id)
    if line is None:
        raise NotFound("unknown-bank-line", "There is no such line of a bank file.")
    await authorise_for_line(context, Permission.RESOLVE_BANK_LINE, line)
    if line.outcome != LineOutcome.UNMATCHED or line.resolved_at is not None:
        raise Conflict("line-not-open", "The line is applied or resolved already.")
    return line


async def lock_booked_line(context: Context, line_id: UUID) -> tuple[BankLineRow, tuple[RegionEntryKind, str]]:
    """A line whose resolution is booked in the ledger of a region, with the entry and that region.

    `NotFound` 'unknown-bank-line', `Conflict` 'line-not-booked'.
    """
    line = await lock_row(context, BankLineRow, col(BankLineRow.id) == line_id)
    if line is None:
        raise NotFound("unknown-bank-line", "There is no such line of a bank file.")
    await authorise_for_line(context, Permission.RESOLVE_BANK_LINE, line)
    booked = await booked_for(context, line)
    if booked is None:
        raise Conflict("line-not-booked", "Nothing is booked for this line in the ledger of the region, so there is nothing to undo.")
    return line, booked


async def lock_line_of(context: Context, proposal: LineProposalRow) -> BankLineRow:
    """The line that the proposal is still about."""
    if proposal.resolution == ProposedResolution.UNDONE:
        return (await lock_booked_line(context, proposal.line_id))[0]
    return await lock_open_line(context, proposal.line_id)


async def lock_target(context: Context, disbursement_id: UUID) -> VoucherRow:
    """The voucher of the payment that a line is to be matched to. `NotFound` 'unknown-disbursement'."""
    disbursement = await context.session.get(DisbursementRow, disbursement_id)
    voucher = await find_and_lock_voucher(context, disbursement.voucher_id) if disbursement else None
    if voucher is None:
        raise NotFound("unknown-disbursement", "There is no such disbursement.")
    authorise(context.actor, Permission.RESOLVE_BANK_LINE, region=voucher.region)
    return voucher


async def check_match(context: Context, line: BankLineRow, disbursement_id: UUID) -> UUID:
    """The latest attempt, which the line fits. `Conflict` 'match-without-effect'."""
    attempts = await known_attempts(context, col(AttemptRow.disbursement_id) == disbursement_id)
    require_effect(effect_of_match(await facts_of(context, line), attempts[-1]))
    return attempts[-1].attempt_id


async def apply_match(context: Context, line: BankLineRow, disbursement_id: UUID, attempt_id: UUID | None) -> None:
    """To the attempt that was seen, which is still the latest. The bank's answer follows by rule from the persons' act, like every answer
    of the bank. `Conflict` 'attempt-changed', 'match-without-effect'."""
    attempts = await known_attempts(context, col(AttemptRow.disbursement_id) == disbursement_id, lock=True)
    require_same_attempt(attempt_id, attempts[-1].attempt_id)
    effect = require_effect(effect_of_match(await facts_of(context, line), attempts[-1]))
    disbursement = await context.session.get_one(DisbursementRow, disbursement_id, populate_existing=True)
    applied = await apply_bank_answer(context.as_system(), disbursement, line_of(line), effect, confirmed=True)
    require_effect(applied)
    line.attempt_id = applied.attempt_id
    await give_words_to(context, line, disbursement)
