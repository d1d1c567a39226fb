"""What the bank says of an attempt becomes its state, moves the money, and is told."""

from datetime import date
from uuid import UUID

from sqlmodel import col

from services.payments.commands.cancel_disbursement import cancel
from services.payments.commands.close_recovery import close_returned, is_recovered
from services.payments.commands.order_recovery import recover_payment
from services.payments.domain.bank_lines import Finding, Line
from services.payments.domain.ledger import Kind
from services.payments.domain.status import CORRECTABLE, State
from services.payments.locks import lock
from services.payments.steps.events import DisbursementFields, about_attempt, tell
from services.payments.steps.found_orders import is_ordered
from services.payments.steps.ledger import move_money
from services.payments.steps.settlement import settle_if_run_out
from services.payments.tables import AttemptRow, DisbursementRow, VoucherRow
from shared.contracts.payments import DisbursementAccepted, DisbursementPaid, DisbursementRejected, DisbursementReturned
from shared.messaging.context import Context
from shared.messaging.event import Event

NO_REASON = "NARR"
"""ISO 20022's code for a reason in words: used when the bank gives none."""


async def apply_bank_answer(context: Context, disbursement: DisbursementRow, line: Line, finding: Finding) -> Finding:
    """`finding` says which attempt goes to which state; the voucher is locked. Gives the finding back, or why it cannot be."""
    voucher = await context.session.get_one(VoucherRow, disbursement.voucher_id)
    attempt = await lock(context, AttemptRow, col(AttemptRow.id) == finding.attempt_id)
    assert attempt is not None
    assert finding.state is not None
    if finding.state is State.RETURNED and await is_recovered(context, voucher, disbursement, attempt):
        return Finding("unmatched", "recovered-already", attempt.id)
    attempt.state = finding.state
    if attempt.number == disbursement.attempt:
        disbursement.state = finding.state
    _note(attempt, line, context.now.date())
    await _move(context, voucher, disbursement, attempt)
    event = _event(about_attempt(voucher, disbursement, attempt), disbursement, attempt)
    tell(context, voucher, event, "bank-answer" if finding.state in (State.ACCEPTED, State.REJECTED) else "bank-statement")
    await _follow(context, voucher, disbursement, attempt)
    return finding


def _note(attempt: AttemptRow, line: Line, today: date) -> None:
    if attempt.state == State.PAID:
        attempt.paid_on, attempt.bank_reference = line.on or today, line.bank_reference
    if attempt.state == State.RETURNED:
        attempt.returned_on = line.on or today
    if attempt.state in CORRECTABLE:
        attempt.bank_reason = line.bank_reason or NO_REASON


async def _move(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow) -> None:
    kind = {State.PAID: Kind.PAID, State.RETURNED: Kind.RETURNED}.get(State(attempt.state))
    if kind is not None:
        await move_money(context, voucher, kind, disbursement.amount_minor, attempt.id)


def _event(fields: DisbursementFields, disbursement: DisbursementRow, attempt: AttemptRow) -> Event:
    batch_id: UUID | None = attempt.batch_id
    assert batch_id is not None, "what the bank answers was in a batch"
    money = {"amount_minor": disbursement.amount_minor, "currency": disbursement.currency}
    if attempt.state == State.ACCEPTED:
        return DisbursementAccepted(**fields, batch_id=batch_id)
    if attempt.state == State.REJECTED:
        return DisbursementRejected(**fields, batch_id=batch_id, bank_reason=attempt.bank_reason or NO_REASON)
    if attempt.state == State.PAID:
        return DisbursementPaid.model_validate({**fields, **money, "batch_id": batch_id, "booked_on": attempt.paid_on})
    returned = {**fields, **money, "batch_id": batch_id, "returned_on": attempt.returned_on, "bank_reason": attempt.bank_reason}
    return DisbursementReturned.model_validate(returned)


async def _follow(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow) -> None:
    """A voucher that is withdrawn or revoked has no further attempts, and what a revoked one was paid is asked back."""
    if attempt.state == State.RETURNED:
        await close_returned(context, voucher, attempt)
    if (
        attempt.state in CORRECTABLE
        and voucher.closure_reason in ("withdrawn", "revoked")
        and not await is_ordered(context, disbursement.id)
    ):
        await cancel(context, voucher, disbursement, attempt, voucher.closure_reason)
    if attempt.state == State.PAID and voucher.closure_reason == "revoked":
        await recover_payment(context, voucher, disbursement, attempt)
    await settle_if_run_out(context, voucher)
