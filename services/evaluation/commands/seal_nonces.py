"""Encrypts nonces that an earlier version stored in clear; run when the worker starts."""

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.tables import CallRow
from shared.database.sealing import is_sealed, seal
from shared.messaging.context import Context


async def seal_nonces(context: Context) -> int:
    """Returns how many were in clear."""
    calls = await context.session.scalars(select(CallRow).where(col(CallRow.nonce).is_not(None)).with_for_update())
    clear = [call for call in calls if call.nonce is not None and not is_sealed(call.nonce)]
    for call in clear:
        call.nonce = seal(context.session, str(call.nonce), call.id)
    return len(clear)
