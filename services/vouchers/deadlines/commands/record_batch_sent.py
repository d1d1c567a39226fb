"""A batch went to the bank."""

from services.vouchers.deadlines.locks import lock_batch
from shared.contracts.payments import BatchSent
from shared.messaging.context import Context


async def record_batch_sent(context: Context, event: BatchSent) -> bool:
    """True when the bank has answered on all of the batch already."""
    row = await lock_batch(context, event.batch_id)
    row.awaits = list(event.disbursement_ids)
    return row.complete
