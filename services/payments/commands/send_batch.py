"""A sealed batch lies in the outgoing folder: that is noted, and the bank's time to answer begins."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.payments.commands.rows import lock
from services.payments.domain.status import Happening, State, next_state
from services.payments.tables import AttemptRow, BatchRow, BatchTransferRow, DisbursementRow
from shared.contracts.payments import BatchSent
from shared.messaging.cause import Cause
from shared.messaging.outbox import publish
from shared.policy.resolver import PolicyBook

_NOTED = [state for state in State if next_state(state, Happening.SENT) is State.SENT]


async def send_batch(session: AsyncSession, book: PolicyBook, cause: Cause, batch_id: UUID) -> None:
    """The file is there already (see `jobs.outgoing`). What the bank answered meanwhile stays answered."""
    batch = await lock(session, BatchRow, col(BatchRow.id) == batch_id)
    if batch is None or batch.state == "sent":
        return
    policy = book.get(batch.policy_id)
    batch.state, batch.sent_at = "sent", cause.now
    batch.answer_by = policy.deadline_end(policy.bank.silence_after, cause.now)
    ordered = select(col(BatchTransferRow.disbursement_id)).where(col(BatchTransferRow.batch_id) == batch_id)
    disbursement_ids = list(await session.scalars(ordered.order_by(col(BatchTransferRow.disbursement_id))))
    noted = update(AttemptRow).where(col(AttemptRow.batch_id) == batch_id, col(AttemptRow.state).in_(_NOTED))
    moved = list(await session.scalars(noted.values(state=State.SENT).returning(col(AttemptRow.disbursement_id))))
    await session.execute(update(DisbursementRow).where(col(DisbursementRow.id).in_(moved)).values(state=State.SENT))
    sent = BatchSent(batch_id=batch_id, region=batch.region, disbursement_ids=disbursement_ids, answer_by=batch.answer_by)
    publish(session, cause, sent, reason="payment-run", policy_id=batch.policy_id)
