"""A batch is recorded as sent: its file lies in the outgoing folder, and the bank's time to answer begins."""

from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.payments.domain.states import BatchState
from services.payments.domain.status import AttemptState, PaymentEvent, states_before
from services.payments.locks import lock_row
from services.payments.tables import AttemptRow, BatchRow, BatchTransferRow, DisbursementRow
from shared.contracts.payments import BatchSent
from shared.messaging.context import Context
from shared.messaging.outbox import publish

_UNANSWERED = states_before(PaymentEvent.SENT, AttemptState.SENT)


async def record_sent(context: Context, batch_id: UUID) -> None:
    """Once per batch. An attempt that the bank has answered keeps the state of the answer."""
    batch = await lock_row(context, BatchRow, col(BatchRow.id) == batch_id)
    if batch is None or batch.state == BatchState.SENT:
        return
    policy = context.policies.get(batch.policy_id)
    batch.state, batch.sent_at = BatchState.SENT, context.now
    batch.answer_by = policy.deadline(policy.bank.silence_after, context.now)
    ordered = select(col(BatchTransferRow.disbursement_id)).where(col(BatchTransferRow.batch_id) == batch_id)
    disbursement_ids = list(await context.session.scalars(ordered.order_by(col(BatchTransferRow.disbursement_id))))
    attempts = update(AttemptRow).where(col(AttemptRow.batch_id) == batch_id, col(AttemptRow.state).in_(_UNANSWERED))
    moved = list(await context.session.scalars(attempts.values(state=AttemptState.SENT).returning(col(AttemptRow.disbursement_id))))
    await context.session.execute(update(DisbursementRow).where(col(DisbursementRow.id).in_(moved)).values(state=AttemptState.SENT))
    sent = BatchSent(batch_id=batch_id, region=batch.region, disbursement_ids=disbursement_ids, answer_by=batch.answer_by)
    publish(context, sent, reason="payment-run", policy_id=batch.policy_id)
