"""A sealed batch lies in the outgoing folder: that is noted, and the bank's time to answer begins."""

from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.payments.domain.status import Happening, State, next_state
from services.payments.locks import lock
from services.payments.tables import AttemptRow, BatchRow, BatchTransferRow, DisbursementRow
from shared.contracts.payments import BatchSent
from shared.messaging.context import Context
from shared.messaging.outbox import publish

_NOTED = [state for state in State if next_state(state, Happening.SENT) is State.SENT]


async def send_batch(context: Context, batch_id: UUID) -> None:
    """The file is there already (see `jobs.outgoing`). What the bank answered meanwhile stays answered."""
    batch = await lock(context, BatchRow, col(BatchRow.id) == batch_id)
    if batch is None or batch.state == "sent":
        return
    policy = context.policies.get(batch.policy_id)
    batch.state, batch.sent_at = "sent", context.now
    batch.answer_by = policy.deadline_end(policy.bank.silence_after, context.now)
    ordered = select(col(BatchTransferRow.disbursement_id)).where(col(BatchTransferRow.batch_id) == batch_id)
    disbursement_ids = list(await context.session.scalars(ordered.order_by(col(BatchTransferRow.disbursement_id))))
    noted = update(AttemptRow).where(col(AttemptRow.batch_id) == batch_id, col(AttemptRow.state).in_(_NOTED))
    moved = list(await context.session.scalars(noted.values(state=State.SENT).returning(col(AttemptRow.disbursement_id))))
    await context.session.execute(update(DisbursementRow).where(col(DisbursementRow.id).in_(moved)).values(state=State.SENT))
    sent = BatchSent(batch_id=batch_id, region=batch.region, disbursement_ids=disbursement_ids, answer_by=batch.answer_by)
    publish(context, sent, reason="payment-run", policy_id=batch.policy_id)
