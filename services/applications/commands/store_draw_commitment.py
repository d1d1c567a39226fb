"""DrawCommitted: the hash of the nonce is known outside evaluation."""

from services.applications.locks import lock_call
from shared.contracts.evaluation import DrawCommitted
from shared.messaging.context import Context


async def store_draw_commitment(context: Context, event: DrawCommitted) -> None:
    """Stores the first commitment; a later one changes nothing. The call may now close."""
    call = await lock_call(context, event.call_id)
    call.nonce_hash = call.nonce_hash or event.nonce_hash
