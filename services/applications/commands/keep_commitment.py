"""DrawCommitted: the hash of the nonce is known outside evaluation from here on."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.lock_case import lock_call
from shared.contracts.evaluation import DrawCommitted


async def keep_commitment(session: AsyncSession, event: DrawCommitted) -> None:
    """The first one counts."""
    call = await lock_call(session, event.call_id)
    call.nonce_hash = call.nonce_hash or event.nonce_hash
