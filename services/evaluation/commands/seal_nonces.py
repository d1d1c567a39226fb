"""Encrypts the nonces that are in clear, or encrypted with a former master key; run when the worker starts."""

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.queries.nonce import nonce_of
from services.evaluation.tables import CallRow
from shared.database.sealing import is_current, seal
from shared.messaging.context import Context


async def seal_nonces(context: Context) -> int:
    """Returns how many there were."""
    calls = await context.session.scalars(select(CallRow).where(col(CallRow.nonce).is_not(None)).with_for_update())
    former = [call for call in calls if not is_current(context.session, str(call.nonce))]
    for call in former:
        call.nonce = seal(context.session, nonce_of(context, call), call.id)
    return len(former)
