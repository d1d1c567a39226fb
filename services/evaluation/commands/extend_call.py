"""CallExtended: the dates that are still to come have moved."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.commands.locking import lock_call
from shared.contracts.applications import CallExtended
from shared.messaging.cause import Cause


async def extend_call(session: AsyncSession, event: CallExtended, cause: Cause) -> None:
    """An extension only ever moves the end to a later date, so an older one that comes late changes nothing."""
    call = await lock_call(session, event.call_id)
    if event.closes_at > call.closes_at:
        call.closes_at = event.closes_at
        call.evaluation_due_at = event.evaluation_due_at
        call.reserve_list_ends_at = event.reserve_list_ends_at
