"""DrawCommitted: the hash of the nonce is known outside evaluation from here on."""

from services.applications.locks import lock_call
from shared.contracts.evaluation import DrawCommitted
from shared.messaging.context import Context


async def keep_commitment(context: Context, event: DrawCommitted) -> None:
    """The first one counts."""
    call = await lock_call(context, event.call_id)
    call.nonce_hash = call.nonce_hash or event.nonce_hash
