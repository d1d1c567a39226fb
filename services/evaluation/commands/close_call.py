"""CallClosed: how many applications there are is known."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.commands.locking import lock_call
from shared.contracts.applications import CallClosed
from shared.messaging.cause import Cause


async def close_call(session: AsyncSession, event: CallClosed, cause: Cause) -> None:
    call = await lock_call(session, event.call_id)
    call.closed_at, call.submitted = event.closed_at, event.submitted
