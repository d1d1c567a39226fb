"""One line of a bank file takes effect on the attempt that it is about, or is kept for a person."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.bank_lines import CAME_BACK_EARLY, OF_NO_KNOWN_ORDER, Finding, Line, Ordered, judge
from services.payments.domain.status import Happening, State
from services.payments.iso20022.model import own_id, reference
from services.payments.locks import find_voucher
from services.payments.steps.bank_answer import apply_bank_answer
from services.payments.tables import AttemptRow, BankFileRow, BankLineRow, BatchRow, DisbursementRow
from shared.kernel.ids import derive_id
from shared.kernel.money import Money
from shared.messaging.context import Context

_FILES = UUID("0d3a4f3e-58f7-8f0a-8a15-6f7bd90f5a3c")


async def apply_bank_line(context: Context, file_sha256: str, number: int, line: Line) -> str:
    """The outcome: applied, repeated, ignored or unmatched."""
    disbursement = await _lock_meant(context, line)
    finding = judge(line, await _ordered(context, disbursement) if disbursement else [])
    if finding.outcome == "applied":
        assert disbursement is not None
        finding = await apply_bank_answer(context, disbursement, line, finding)
    kept = _keep(context, file_sha256, number, line, finding, disbursement)
    if finding.outcome == "applied" and line.happening is Happening.BOOKED:
        assert disbursement is not None
        await _apply_early_return(context, disbursement, finding)
    return kept.outcome


async def _lock_meant(context: Context, line: Line) -> DisbursementRow | None:
    """The disbursement that the references name, its voucher locked before anything of it is read."""
    disbursement_id, attempt_id = own_id(line.end_to_end_id), own_id(line.instr_id)
    if line.end_to_end_id is None and attempt_id is not None:
        disbursement_id = await context.session.scalar(select(col(AttemptRow.disbursement_id)).where(col(AttemptRow.id) == attempt_id))
    disbursement = await context.session.get(DisbursementRow, disbursement_id) if disbursement_id else None
    if disbursement is not None:
        await find_voucher(context, disbursement.voucher_id)
        await context.session.refresh(disbursement)
    return disbursement


async def _ordered(context: Context, disbursement: DisbursementRow) -> list[Ordered]:
    """All attempts of the disbursement; the bank may speak of an earlier one."""
    query = (
        select(AttemptRow, col(BatchRow.debtor_account))
        .outerjoin(BatchRow, col(BatchRow.id) == col(AttemptRow.batch_id))
        .where(col(AttemptRow.disbursement_id) == disbursement.id)
        .order_by(col(AttemptRow.number))
        .with_for_update(key_share=True, of=AttemptRow)
        .execution_options(populate_existing=True)
    )
    return [
        Ordered(
            attempt_id=attempt.id,
            disbursement_id=disbursement.id,
            batch_id=attempt.batch_id,
            state=State(attempt.state),
            account=account or "",
            amount=Money(disbursement.amount_minor, disbursement.currency),
            bank_reference=attempt.bank_reference,
        )
        for attempt, account in (await context.session.execute(query)).all()
    ]


def _keep(
    context: Context, file_sha256: str, number: int, line: Line, finding: Finding, disbursement: DisbursementRow | None
) -> BankLineRow:
    row = BankLineRow(
        id=derive_id(_FILES, file_sha256, number), file_sha256=file_sha256, line=number, outcome=finding.outcome, reason=finding.reason,
        happening=line.happening or "", region=disbursement.region if disbursement else None, attempt_id=finding.attempt_id,
        amount_minor=line.amount.minor if line.amount else None, currency=line.amount.currency if line.amount else None, on=line.on,
        bank_reason=line.bank_reason, bank_reference=line.bank_reference, end_to_end_id=line.end_to_end_id, instr_id=line.instr_id,
        pmt_inf_id=line.pmt_inf_id,
    )  # fmt: skip
    context.session.add(row)
    return row


async def apply_waiting_lines(context: Context, disbursement: DisbursementRow, attempt_id: UUID) -> None:
    """What the bank said of an order that was not known here (`place_order`), in whatever order it came: now it fits."""
    mine = (col(BankLineRow.end_to_end_id) == reference(disbursement.id), col(BankLineRow.instr_id) == reference(attempt_id))
    lines = select(BankLineRow).join(BankFileRow).where(*mine, col(BankLineRow.reason).in_(OF_NO_KNOWN_ORDER))
    rows = list(await context.session.scalars(lines.order_by(col(BankFileRow.taken_at), col(BankFileRow.name), col(BankLineRow.line))))
    for _ in rows:  # a later line may make an earlier one fit
        await _apply_again(context, disbursement, rows)


async def _apply_early_return(context: Context, disbursement: DisbursementRow, booked: Finding) -> None:
    """The return of this payment lay in an earlier file than its booking: now it fits."""
    await context.session.flush()
    waiting = select(BankLineRow).where(
        col(BankLineRow.attempt_id) == booked.attempt_id,
        col(BankLineRow.outcome) == "unmatched",
        col(BankLineRow.reason) == CAME_BACK_EARLY,
    )
    await _apply_again(context, disbursement, (await context.session.scalars(waiting.order_by(col(BankLineRow.id)))).all())


async def _apply_again(context: Context, disbursement: DisbursementRow, rows: Sequence[BankLineRow]) -> None:
    for row in rows:
        if row.outcome != "unmatched":
            continue
        line = Line(
            Happening(row.happening), end_to_end_id=row.end_to_end_id, instr_id=row.instr_id, pmt_inf_id=row.pmt_inf_id, on=row.on,
            amount=None if row.amount_minor is None else Money(row.amount_minor, row.currency or ""), bank_reason=row.bank_reason,
            bank_reference=row.bank_reference,
        )  # fmt: skip
        finding = judge(line, await _ordered(context, disbursement))
        if finding.outcome == "applied":
            finding = await apply_bank_answer(context, disbursement, line, finding)
        row.outcome, row.reason = finding.outcome, finding.reason
        row.region, row.attempt_id = disbursement.region, finding.attempt_id or row.attempt_id
