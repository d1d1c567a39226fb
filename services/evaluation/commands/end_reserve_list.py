"""MilestoneReached (reserve-list-ends): who still waits is refused."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.commands.decide import refuse, reserve_list
from services.evaluation.commands.locking import lock_call
from shared.messaging.cause import Cause


async def end_reserve_list(session: AsyncSession, cause: Cause, call_id: UUID, due_at: datetime) -> None:
    """Once, and not at an instant that an extension has moved: `due_at` is the one that the timer was set for."""
    call = await lock_call(session, call_id)
    if call.reserve_ended_at is not None or due_at < call.reserve_list_ends_at:
        return
    call.reserve_ended_at = cause.now
    for case in await reserve_list(session, call):
        await refuse(session, cause, call, case, ["reserve-list-ended"])
