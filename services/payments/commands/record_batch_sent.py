"""The file of a sealed batch lies in the outgoing folder (`jobs/outgoing.py`)."""

from uuid import UUID

from services.payments.steps.batches import record_sent
from shared.messaging.context import Context


async def record_batch_sent(context: Context, batch_id: UUID) -> None:
    """The bank's time to answer begins. An attempt that the bank has answered already keeps that state."""
    await record_sent(context, batch_id)
