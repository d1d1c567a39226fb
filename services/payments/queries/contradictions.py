"""What keeps a payment from going on: open unmatched lines of the bank, and the statement that a rejection waits for."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, or_, select
from sqlmodel import col

from services.payments.domain.bank_lines import BATCH_DIFFERS, NOT_BOOKED, ORDERED_BEFORE_RESTORE, LineOutcome
from services.payments.domain.contradictions import proving_day
from services.payments.domain.status import AttemptState
from services.payments.tables import AttemptRow, BankLineRow, BatchRow, DisbursementRow, StatementRow
from shared.kernel.errors import Conflict
from shared.messaging.context import Context

OPEN = (
    col(BankLineRow.outcome) == LineOutcome.UNMATCHED,
    col(BankLineRow.resolved_at).is_(None),
    col(BankLineRow.reason) != ORDERED_BEFORE_RESTORE,
)
"""A line about an orphan order contradicts nothing: the order was given before a restore, and is matched by itself."""


NOT_TO_BE_BOOKED = (AttemptState.REJECTED, AttemptState.CANCELLED)
"""What the booking of a whole batch leaves out."""


async def ordered_sum(context: Context, batch_id: UUID) -> int:
    """What is ordered in the batch and neither rejected nor cancelled after that, in minor units."""
    amounts = select(func.coalesce(func.sum(col(DisbursementRow.amount_minor)), 0)).join_from(AttemptRow, DisbursementRow)
    ordered = amounts.where(col(AttemptRow.batch_id) == batch_id, col(AttemptRow.state).not_in(NOT_TO_BE_BOOKED))
    return int(await context.session.scalar(ordered) or 0)


async def open_lines(context: Context, disbursements: Collection[DisbursementRow]) -> dict[UUID, BankLineRow]:
    """Disbursement → an open line that names it, or names only its voucher or a batch that orders it. The caller holds the lock on the
    voucher where it acts."""
    of_vouchers = select(BankLineRow).where(col(BankLineRow.voucher_id).in_({row.voucher_id for row in disbursements}), *OPEN)
    of_batches = select(BankLineRow).where(col(BankLineRow.batch_id).is_not(None), *OPEN)
    lines = list(await context.session.scalars(of_vouchers))
    lines += [line for line in await context.session.scalars(of_batches) if line.batch_id and await _differs(context, line, line.batch_id)]
    ordered = await _ordered_in(context, {line.batch_id for line in lines if line.batch_id})
    found: dict[UUID, BankLineRow] = {}
    for line in sorted(lines, key=lambda line: line.id, reverse=True):
        for row in disbursements:
            of_voucher = line.voucher_id == row.voucher_id and line.disbursement_id in (None, row.id)
            if of_voucher or (line.batch_id, row.id) in ordered:
                found[row.id] = line
    return found


async def _differs(context: Context, line: BankLineRow, batch_id: UUID) -> bool:
    """Whether a line that names a batch is of another sum than what is ordered there."""
    return line.reason == BATCH_DIFFERS or line.amount_minor != await ordered_sum(context, batch_id)


async def _ordered_in(context: Context, batch_ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Batch and disbursement."""
    if not batch_ids:
        return set()
    query = select(col(AttemptRow.batch_id), col(AttemptRow.disbursement_id)).where(col(AttemptRow.batch_id).in_(batch_ids))
    return {(batch_id, disbursement_id) for batch_id, disbursement_id in await context.session.execute(query) if batch_id}


async def refuse_while_frozen(context: Context, disbursement: DisbursementRow) -> None:
    """`Conflict` 'bank-line-open'."""
    line = (await open_lines(context, [disbursement])).get(disbursement.id)
    if line is not None:
        raise Conflict(
            "bank-line-open", "A line of the bank about this payment is open ({reason}): a person has to resolve it first.",
            reason=line.reason, line_id=line.id,
        )  # fmt: skip


async def awaited_statements(context: Context, attempts: Sequence[AttemptRow]) -> dict[UUID, date]:
    """Rejected attempt → the day whose statement has to show that it was not booked. Without those whose statement is here, or whose
    rejection a second person has confirmed."""
    waiting = [one for one in attempts if one.state == AttemptState.REJECTED and one.rejection_confirmed_at is None]
    if not waiting:
        return {}
    query = select(BatchRow).where(col(BatchRow.id).in_({one.batch_id for one in waiting}))
    batches = {batch.id: batch for batch in await context.session.scalars(query)}
    days = {one.id: (batch.debtor_account, _day(context, batch)) for one in waiting if (batch := batches.get(one.batch_id or one.id))}
    arrived = {one.id for one in waiting if one.id in days and await _has_statement(context, *days[one.id], one)}
    return {attempt_id: day for attempt_id, (_, day) in days.items() if attempt_id not in arrived}


async def refuse_before_statement(context: Context, attempt: AttemptRow) -> None:
    """`Conflict` 'statement-awaited'."""
    day = (await awaited_statements(context, [attempt])).get(attempt.id)
    if day is not None:
        raise Conflict(
            "statement-awaited",
            "The bank rejected the payment. Before the next attempt its statement of {day} has to show that nothing was booked, or a "
            "second person has to confirm the rejection.",
            day=day,
        )


def _day(context: Context, batch: BatchRow) -> date:
    zone = ZoneInfo(context.policies.get(batch.policy_id).zone)
    sent_on = batch.sent_at.astimezone(zone).date() if batch.sent_at else None
    return proving_day(batch.execution_on, sent_on, batch.currency)


async def _has_statement(context: Context, account: str, day: date, attempt: AttemptRow) -> bool:
    """One in which the payment is not pending either. A pending entry that a person has resolved is no such entry: it was unmatched."""
    pending = exists().where(
        col(BankLineRow.file_sha256) == col(StatementRow.file_sha256), col(BankLineRow.reason) == NOT_BOOKED,
        or_(col(BankLineRow.disbursement_id) == attempt.disbursement_id, col(BankLineRow.batch_id) == attempt.batch_id),
    )  # fmt: skip
    covers = (col(StatementRow.account) == account, col(StatementRow.first_day) <= day, col(StatementRow.last_day) >= day, ~pending)
    return bool(await context.session.scalar(select(exists().where(*covers))))
