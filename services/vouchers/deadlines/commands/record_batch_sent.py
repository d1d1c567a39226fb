"""A batch went to the bank."""

from services.vouchers.deadlines.locks import lock_batch
from shared.contracts.payments import BatchSent
from shared.kernel.errors import Contradiction
from shared.messaging.context import Context


async def record_batch_sent(context: Context, event: BatchSent) -> bool:
    """True when the bank has answered on all of the batch already. `Contradiction` when the batch was sent with other payments."""
    row = await lock_batch(context, event.batch_id)
    if row.awaits is not None and set(row.awaits) != set(event.disbursement_ids):
        raise Contradiction(f"{event.type}: batch {event.batch_id} was sent with other payments")
    row.awaits = list(event.disbursement_ids)
    return row.complete
