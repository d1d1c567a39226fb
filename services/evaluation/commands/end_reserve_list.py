"""MilestoneReached (reserve-list-ends): who still waits is refused."""

from datetime import datetime
from uuid import UUID

from services.evaluation.locks import lock_call
from services.evaluation.steps.decisions import refuse, reserve_list
from shared.messaging.context import Context


async def end_reserve_list(context: Context, call_id: UUID, due_at: datetime) -> None:
    """Once, and not at an instant that an extension has moved: `due_at` is the one that the timer was set for."""
    call = await lock_call(context, call_id)
    if call.reserve_ended_at is not None or due_at < call.reserve_list_ends_at:
        return
    call.reserve_ended_at = context.now
    for case in await reserve_list(context, call):
        await refuse(context, call, case, ["reserve-list-ended"])
