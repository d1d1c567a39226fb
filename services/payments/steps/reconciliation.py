"""Reconciles one line of a bank file with the attempt that it is about, or stores it as unmatched for a person.

Most lines are of others: for these no statement is even built, since a statement costs as much as the rest of the line.
"""

import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlmodel import col

from services.payments.domain.bank_lines import (
    ANSWERED_ONCE,
    BATCH_DIFFERS,
    CREDIT_OF_OTHERS,
    DUPLICATE_OF_AN_ORDER,
    NOT_BOOKED,
    ORDERED_BEFORE_RESTORE,
    REFERENCES_DISAGREE,
    REPORT_CONTRADICTS_ITSELF,
    RETURNED_BEFORE_BOOKED,
    RETURNED_TWICE,
    BankLine,
    KnownAttempt,
    LineOutcome,
    MatchResult,
    books_a_batch,
    match_batch,
    match_line,
)
from services.payments.domain.line_evidence import findings
from services.payments.domain.line_references import names_of
from services.payments.domain.status import AttemptState, PaymentEvent
from services.payments.iso20022.model import named_batch, own_id, own_payment, payment_information_id
from services.payments.locks import find_and_lock_voucher, lock_named_by_line
from services.payments.queries.contradictions import ordered_sum
from services.payments.queries.known_attempts import known_attempts
from services.payments.queries.line_facts import line_id_of, line_of
from services.payments.queries.orphan_orders import orphan_attempts
from services.payments.steps.bank_answer import apply_bank_answer
from services.payments.steps.bank_line_events import APPLIED_LATER, publish_resolved, publish_unmatched
from services.payments.steps.batch_bookings import book_batch, book_waiting_batch
from services.payments.steps.credit import match_credit, named_recovery
from services.payments.steps.deposits import match_deposit, named_deposit, receive_deposit
from services.payments.steps.unknown_references import is_unknown
from services.payments.steps.waiting_lines import find_waiting_lines, line_as_read, with_orphans
from services.payments.tables import (
    AttemptRow,
    BankLineRow,
    BatchRow,
    DepositRow,
    DisbursementRow,
    OrphanOrderRow,
    RecoveryRow,
    VoucherRow,
)
from shared.kernel.money import Money
from shared.messaging.context import Context
from shared.privacy.sealed import without

_ID, _CODE = re.compile(r"\b[0-9a-f]{32}\b"), re.compile(r"\bVoucher (\S+)")
"""What `domain/batches.py` writes into the remittance text of a transfer."""


async def reconcile_line(context: Context, file_sha256: str, number: int, line: BankLine) -> LineOutcome:
    """Matches the line to an attempt, applies it, and stores it with its outcome. `number` counts the lines of the file from 1."""
    if line.note == CREDIT_OF_OTHERS and (owed := await named_recovery(context, line)):
        return await _reconcile_credit(context, file_sha256, number, line, *owed)
    if line.note == CREDIT_OF_OTHERS and (awaited := await named_deposit(context, line)):
        return await _reconcile_deposit(context, file_sha256, number, line, *awaited)
    voucher, disbursement = await _lock_named(context, line)
    attempts = await _attempts(context, disbursement, line)
    match = match_line(line, attempts)
    evidence = findings(line, attempts, match)
    if match.outcome is LineOutcome.APPLIED:
        assert disbursement is not None
        match = await apply_bank_answer(context, disbursement, line, match)
    booked = [(disbursement, match)] if disbursement and match.outcome is LineOutcome.APPLIED and line.event is PaymentEvent.BOOKED else []
    settled = [(disbursement, match)] if disbursement and match.outcome is LineOutcome.APPLIED else []
    of_batch = match.reason != ORDERED_BEFORE_RESTORE and (disbursement is None or match.reason == REFERENCES_DISAGREE)
    batch = await _named_batch(context, line, match) if of_batch else None
    if batch is not None and books_a_batch(line):
        match, booked = await book_batch(context, line, batch)
        settled = booked
    elif batch is not None:
        match = match_batch(line, match, Money(await ordered_sum(context, batch.id), batch.currency))
    row = _row(file_sha256, number, line, match, voucher, disbursement, batch)
    row.evidence = " ".join(evidence)
    await _store_and_publish(context, row)
    for answered, applied in settled:
        await _settle_answered(context, answered, applied)
    if match.outcome is LineOutcome.APPLIED and line.event is PaymentEvent.BANK_REJECTED:
        assert match.attempt_id is not None
        booked = await book_waiting_batch(context, match.attempt_id)
    for paid, applied in booked:
        await _reconcile_early_return(context, paid, applied)
    return match.outcome


async def _reconcile_credit(
    context: Context, file_sha256: str, number: int, line: BankLine, recovery: RecoveryRow, voucher: VoucherRow
) -> LineOutcome:
    """A credit that quotes a recovery freezes no payment, whatever its amount."""
    match = await match_credit(context, line, recovery, voucher)
    row = _row(file_sha256, number, line, match, None, None, None)
    context.session.add(row)
    row.region, row.recovery_id = voucher.region, recovery.id
    await context.session.flush()
    if match.outcome is LineOutcome.APPLIED:
        recovery.credit_line_id = row.id
    return match.outcome


async def _reconcile_deposit(
    context: Context, file_sha256: str, number: int, line: BankLine, deposit: DepositRow, voucher: VoucherRow
) -> LineOutcome:
    """As a credit that quotes a recovery."""
    match = match_deposit(context, line, deposit, voucher)
    row = _row(file_sha256, number, line, match, None, None, None)
    context.session.add(row)
    row.region = voucher.region
    await context.session.flush()
    if match.outcome is LineOutcome.APPLIED:
        await receive_deposit(context, line, deposit, voucher, row.id)
    return match.outcome


async def reconcile_waiting_lines(context: Context, disbursement: DisbursementRow, attempt_id: UUID) -> None:
    """Applies the stored answers of the bank to an order that was not known here when they were read, in whatever order they came."""
    rows = await find_waiting_lines(context, (disbursement.id, attempt_id))
    for _ in rows:  # a later line may make an earlier one match
        await _reconcile_again(context, disbursement, rows)
    for paid, applied in await book_waiting_batch(context, attempt_id):
        await _reconcile_early_return(context, paid, applied)


async def _lock_named(context: Context, line: BankLine) -> tuple[VoucherRow | None, DisbursementRow | None]:
    """The voucher and the disbursement that the references name, the voucher locked before anything of it is read.

    Where the references name nothing of ours, the remittance text may: it has the voucher's code and the disbursement's id.
    """
    disbursement = await _named_by_references(context, line) or await _named_by_remittance(context, line)
    voucher_id = disbursement.voucher_id if disbursement else await _voucher_in_remittance(context, line)
    voucher = await find_and_lock_voucher(context, voucher_id) if voucher_id else None
    if disbursement is not None:
        await context.session.refresh(disbursement)
    return voucher, disbursement


async def _named_by_references(context: Context, line: BankLine) -> DisbursementRow | None:
    """A payment by its id, or by that of an attempt at it, whichever of the references has it."""
    names = frozenset(name for name in names_of(*line.naming) if not is_unknown(context, name))
    for named in map(own_payment, line.naming):
        found = await context.session.get(DisbursementRow, named[0]) if named and named[0] in names else None
        if found is not None:
            return found
    if not names:
        return None
    of_attempt = select(col(AttemptRow.disbursement_id)).where(col(AttemptRow.id).in_(names)).order_by(col(AttemptRow.id)).limit(1)
    disbursement_id = await context.session.scalar(of_attempt)
    return await context.session.get(DisbursementRow, disbursement_id) if disbursement_id else None


async def _named_by_remittance(context: Context, line: BankLine) -> DisbursementRow | None:
    ids = [UUID(hex=found) for text in line.remittance for found in _ID.findall(text)]
    if not ids:
        return None
    return await context.session.scalar(
        select(DisbursementRow).where(col(DisbursementRow.id).in_(ids)).order_by(col(DisbursementRow.id)).limit(1)
    )


async def _voucher_in_remittance(context: Context, line: BankLine) -> UUID | None:
    """Without the code's last character, a check character that some banks do not take."""
    codes = [found for text in line.remittance for found in _CODE.findall(text)]
    if not codes:
        return None
    known = func.left(col(VoucherRow.code), -1).in_([code[:-1] for code in codes])
    return await context.session.scalar(select(col(VoucherRow.id)).where(known).order_by(col(VoucherRow.id)).limit(1))


async def _attempts(context: Context, disbursement: DisbursementRow | None, line: BankLine) -> list[KnownAttempt]:
    """Those at the payment that the line names, and the orphan orders for it."""
    of_payment = {disbursement.id} if disbursement else names_of(*line.naming)
    orphans = await orphan_attempts(context, of_payment)
    known = await known_attempts(context, col(AttemptRow.disbursement_id) == disbursement.id, lock=True) if disbursement else []
    return with_orphans(known, orphans)


async def _named_batch(context: Context, line: BankLine, match: MatchResult) -> BatchRow | None:
    """The batch that the references name, of a line that could be about any of its payments. None for an answer to an orphan order: it is
    matched by itself."""
    if match.outcome is not LineOutcome.UNMATCHED and line.note != NOT_BOOKED:
        return None
    ids = [one for one in map(named_batch, (line.pmt_inf_id, line.message_id)) if one]
    if not ids:
        return None
    payment_id, _ = own_payment(line.end_to_end_id) or (None, None)
    named = or_(col(OrphanOrderRow.attempt_id) == own_id(line.instr_id), col(OrphanOrderRow.disbursement_id) == payment_id)
    orphan = exists().where(col(OrphanOrderRow.batch_id) == col(BatchRow.id), col(OrphanOrderRow.matched_at).is_(None), named)
    query = select(BatchRow).where(col(BatchRow.id).in_(ids), ~orphan).options(*without(BatchRow.file))
    return await context.session.scalar(query.order_by(col(BatchRow.id)).limit(1))


def _row(
    file_sha256: str,
    number: int,
    line: BankLine,
    match: MatchResult,
    voucher: VoucherRow | None,
    disbursement: DisbursementRow | None,
    batch: BatchRow | None,
) -> BankLineRow:
    named = voucher or batch
    return BankLineRow(
        id=line_id_of(file_sha256, number), file_sha256=file_sha256, line=number, outcome=match.outcome, reason=match.reason,
        payment_event=line.event or "", region=named.region if named else None, attempt_id=match.attempt_id,
        amount_minor=line.amount.minor if line.amount else None, currency=line.amount.currency if line.amount else None, on=line.on,
        bank_reason=line.bank_reason, bank_reference=line.bank_reference, end_to_end_id=line.end_to_end_id, instr_id=line.instr_id,
        pmt_inf_id=line.pmt_inf_id or _block_of(line.message_id), voucher_id=voucher.id if voucher else None,
        disbursement_id=disbursement.id if disbursement else None, batch_id=batch.id if batch else None, covers=line.covers,
    )  # fmt: skip


def _block_of(message_id: str | None) -> str | None:
    """The group of transfers in the file of ours that the bank names by its message alone."""
    batch_id = named_batch(message_id)
    return payment_information_id(batch_id) if batch_id else None


async def _store_and_publish(context: Context, row: BankLineRow) -> None:
    context.session.add(row)
    of_whole_batch = row.reason == BATCH_DIFFERS or (row.batch_id is not None and row.amount_minor is None)
    freezes = row.outcome == LineOutcome.UNMATCHED and row.reason != ORDERED_BEFORE_RESTORE
    if freezes and (row.voucher_id or of_whole_batch):
        for voucher, disbursement_id in await lock_named_by_line(context, row):
            publish_unmatched(context, voucher, row, disbursement_id)


async def _reconcile_early_return(context: Context, disbursement: DisbursementRow, booked: MatchResult) -> None:
    """The return of this payment was in an earlier file than its booking, or came back twice before it was booked twice: it matches now."""
    await context.session.flush()
    waiting = select(BankLineRow).where(
        col(BankLineRow.attempt_id) == booked.attempt_id,
        col(BankLineRow.outcome) == LineOutcome.UNMATCHED,
        col(BankLineRow.reason).in_((RETURNED_BEFORE_BOOKED, RETURNED_TWICE)),
    )
    in_turn = waiting.order_by(col(BankLineRow.on), col(BankLineRow.file_sha256), col(BankLineRow.line))
    await _reconcile_again(context, disbursement, (await context.session.scalars(in_turn)).all())


async def _settle_answered(context: Context, disbursement: DisbursementRow, answered: MatchResult) -> None:
    """The bank refused a repetition before it answered the order itself, or its report on the whole order contradicted itself: now that it
    has answered, for each payment of the order, that decides nothing."""
    await context.session.flush()
    of_attempt = and_(col(BankLineRow.attempt_id) == answered.attempt_id, col(BankLineRow.reason) == DUPLICATE_OF_AN_ORDER)
    batch_id = select(col(AttemptRow.batch_id)).where(col(AttemptRow.id) == answered.attempt_id).scalar_subquery()
    answers = (*ANSWERED_ONCE, AttemptState.CANCELLED)
    waits = exists().where(col(AttemptRow.batch_id) == col(BankLineRow.batch_id), col(AttemptRow.state).not_in(answers))
    of_order = and_(col(BankLineRow.batch_id) == batch_id, col(BankLineRow.reason) == REPORT_CONTRADICTS_ITSELF, ~waits)
    is_open = (col(BankLineRow.outcome) == LineOutcome.UNMATCHED, col(BankLineRow.resolved_at).is_(None))
    waiting = select(BankLineRow).where(*is_open, or_(of_attempt, of_order)).order_by(col(BankLineRow.id))
    for row in (await context.session.scalars(waiting)).all():
        row.outcome = LineOutcome.IGNORED
        named = await lock_named_by_line(context, row)
        for voucher, disbursement_id in named or [(await context.session.get_one(VoucherRow, disbursement.voucher_id), disbursement.id)]:
            publish_resolved(context, voucher, row, disbursement_id, APPLIED_LATER)


async def _reconcile_again(context: Context, disbursement: DisbursementRow, rows: Sequence[BankLineRow]) -> None:
    """A line that a person has resolved is decided: it is not applied any more."""
    for row in rows:
        if row.outcome != LineOutcome.UNMATCHED or row.resolved_at is not None:
            continue
        attempts = await _attempts(context, disbursement, line_of(row))
        line = await line_as_read(context, row, rows, attempts)
        match = match_line(line, attempts)
        if match.outcome is LineOutcome.APPLIED:
            match = await apply_bank_answer(context, disbursement, line, match)
        froze = row.voucher_id is not None and row.reason != ORDERED_BEFORE_RESTORE
        freezes = match.outcome is LineOutcome.UNMATCHED and match.reason != ORDERED_BEFORE_RESTORE
        row.outcome, row.reason = match.outcome, match.reason
        row.region, row.attempt_id = disbursement.region, match.attempt_id or row.attempt_id
        row.voucher_id, row.disbursement_id = disbursement.voucher_id, disbursement.id
        voucher = await context.session.get_one(VoucherRow, disbursement.voucher_id)
        if freezes and not froze:
            publish_unmatched(context, voucher, row, disbursement.id)
        elif froze and not freezes:
            publish_resolved(context, voucher, row, disbursement.id, APPLIED_LATER)
