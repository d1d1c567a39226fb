"""MilestoneReached, bank-silence: the bank has not answered in time, so its payments are neither known as paid nor as failed."""

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.status import AttemptState, PaymentEvent, next_state
from services.payments.locks import lock_disbursement
from services.payments.steps.events import disbursement_fields, publish_voucher_event
from services.payments.tables import AttemptRow, BatchRow
from shared.contracts.binding import require_same
from shared.contracts.payments import DisbursementOutcomeUnknown
from shared.contracts.vouchers import MilestoneReached
from shared.messaging.context import Context


async def mark_outcome_unknown(context: Context, reached: MilestoneReached) -> None:
    """For each transfer of the batch that the bank has not answered. Nothing before the batch's own time is over; `Contradiction` when the
    batch is of another region."""
    sent = await context.session.get(BatchRow, reached.subject_id)
    if sent is None or sent.answer_by is None or reached.due_at < sent.answer_by:
        return
    require_same(reached, sent)
    batch = col(AttemptRow.batch_id) == reached.subject_id
    waiting = select(col(AttemptRow.disbursement_id)).where(batch, col(AttemptRow.state) == AttemptState.SENT)
    for disbursement_id in (await context.session.scalars(waiting.order_by(col(AttemptRow.disbursement_id)))).all():
        voucher, disbursement, attempt = await lock_disbursement(context, disbursement_id)
        target = next_state(AttemptState(attempt.state), PaymentEvent.TIMED_OUT)
        if attempt.batch_id == reached.subject_id and target is AttemptState.UNKNOWN:
            attempt.state = disbursement.state = target
            unknown = DisbursementOutcomeUnknown(**disbursement_fields(voucher, disbursement, attempt), batch_id=attempt.batch_id)
            publish_voucher_event(context, voucher, unknown, "bank-silence")
