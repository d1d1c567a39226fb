"""Reconciles one line of a bank file with the attempt that it is about, or stores it as unmatched for a person."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.bank_lines import (
    OF_NO_KNOWN_ORDER,
    RETURNED_BEFORE_BOOKED,
    BankLine,
    KnownAttempt,
    LineOutcome,
    MatchResult,
    match_line,
)
from services.payments.domain.status import AttemptState, PaymentEvent
from services.payments.iso20022.model import own_id, reference
from services.payments.locks import find_and_lock_voucher
from services.payments.steps.bank_answer import apply_bank_answer
from services.payments.tables import AttemptRow, BankFileRow, BankLineRow, BatchRow, DisbursementRow
from shared.kernel.ids import derive_id
from shared.kernel.money import Money
from shared.messaging.context import Context

_FILES = UUID("0d3a4f3e-58f7-8f0a-8a15-6f7bd90f5a3c")


async def reconcile_line(context: Context, file_sha256: str, number: int, line: BankLine) -> LineOutcome:
    """Matches the line to an attempt, applies it, and stores it with its outcome. `number` counts the lines of the file from 1."""
    disbursement = await _lock_named(context, line)
    match = match_line(line, await _attempts(context, disbursement) if disbursement else [])
    if match.outcome is LineOutcome.APPLIED:
        assert disbursement is not None
        match = await apply_bank_answer(context, disbursement, line, match)
    _store(context, file_sha256, number, line, match, disbursement)
    if match.outcome is LineOutcome.APPLIED and line.event is PaymentEvent.BOOKED:
        assert disbursement is not None
        await _reconcile_early_return(context, disbursement, match)
    return match.outcome


async def reconcile_waiting_lines(context: Context, disbursement: DisbursementRow, attempt_id: UUID) -> None:
    """Applies the stored answers of the bank to an order that was not known here when they were read, in whatever order they came."""
    own = (col(BankLineRow.end_to_end_id) == reference(disbursement.id), col(BankLineRow.instr_id) == reference(attempt_id))
    lines = select(BankLineRow).join(BankFileRow).where(*own, col(BankLineRow.reason).in_(OF_NO_KNOWN_ORDER))
    rows = list(await context.session.scalars(lines.order_by(col(BankFileRow.taken_at), col(BankFileRow.name), col(BankLineRow.line))))
    for _ in rows:  # a later line may make an earlier one match
        await _reconcile_again(context, disbursement, rows)


async def _lock_named(context: Context, line: BankLine) -> DisbursementRow | None:
    """The disbursement that the references name, its voucher locked before anything of it is read."""
    disbursement_id, attempt_id = own_id(line.end_to_end_id), own_id(line.instr_id)
    if line.end_to_end_id is None and attempt_id is not None:
        disbursement_id = await context.session.scalar(select(col(AttemptRow.disbursement_id)).where(col(AttemptRow.id) == attempt_id))
    disbursement = await context.session.get(DisbursementRow, disbursement_id) if disbursement_id else None
    if disbursement is not None:
        await find_and_lock_voucher(context, disbursement.voucher_id)
        await context.session.refresh(disbursement)
    return disbursement


async def _attempts(context: Context, disbursement: DisbursementRow) -> list[KnownAttempt]:
    """All attempts of the disbursement; the bank may answer on an earlier one."""
    query = (
        select(AttemptRow, col(BatchRow.debtor_account))
        .outerjoin(BatchRow, col(BatchRow.id) == col(AttemptRow.batch_id))
        .where(col(AttemptRow.disbursement_id) == disbursement.id)
        .order_by(col(AttemptRow.number))
        .with_for_update(key_share=True, of=AttemptRow)
        .execution_options(populate_existing=True)
    )
    return [
        KnownAttempt(
            attempt_id=attempt.id,
            disbursement_id=disbursement.id,
            batch_id=attempt.batch_id,
            state=AttemptState(attempt.state),
            account=account or "",
            amount=Money(disbursement.amount_minor, disbursement.currency),
            bank_reference=attempt.bank_reference,
        )
        for attempt, account in (await context.session.execute(query)).all()
    ]


def _store(
    context: Context, file_sha256: str, number: int, line: BankLine, match: MatchResult, disbursement: DisbursementRow | None
) -> None:
    row = BankLineRow(
        id=derive_id(_FILES, file_sha256, number), file_sha256=file_sha256, line=number, outcome=match.outcome, reason=match.reason,
        payment_event=line.event or "", region=disbursement.region if disbursement else None, attempt_id=match.attempt_id,
        amount_minor=line.amount.minor if line.amount else None, currency=line.amount.currency if line.amount else None, on=line.on,
        bank_reason=line.bank_reason, bank_reference=line.bank_reference, end_to_end_id=line.end_to_end_id, instr_id=line.instr_id,
        pmt_inf_id=line.pmt_inf_id,
    )  # fmt: skip
    context.session.add(row)


async def _reconcile_early_return(context: Context, disbursement: DisbursementRow, booked: MatchResult) -> None:
    """The return of this payment was in an earlier file than its booking: it matches now."""
    await context.session.flush()
    waiting = select(BankLineRow).where(
        col(BankLineRow.attempt_id) == booked.attempt_id,
        col(BankLineRow.outcome) == LineOutcome.UNMATCHED,
        col(BankLineRow.reason) == RETURNED_BEFORE_BOOKED,
    )
    await _reconcile_again(context, disbursement, (await context.session.scalars(waiting.order_by(col(BankLineRow.id)))).all())


async def _reconcile_again(context: Context, disbursement: DisbursementRow, rows: Sequence[BankLineRow]) -> None:
    for row in rows:
        if row.outcome != LineOutcome.UNMATCHED:
            continue
        line = BankLine(
            PaymentEvent(row.payment_event), end_to_end_id=row.end_to_end_id, instr_id=row.instr_id, pmt_inf_id=row.pmt_inf_id, on=row.on,
            amount=None if row.amount_minor is None else Money(row.amount_minor, row.currency or ""), bank_reason=row.bank_reason,
            bank_reference=row.bank_reference,
        )  # fmt: skip
        match = match_line(line, await _attempts(context, disbursement))
        if match.outcome is LineOutcome.APPLIED:
            match = await apply_bank_answer(context, disbursement, line, match)
        row.outcome, row.reason = match.outcome, match.reason
        row.region, row.attempt_id = disbursement.region, match.attempt_id or row.attempt_id
