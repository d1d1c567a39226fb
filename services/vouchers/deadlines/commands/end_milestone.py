"""Ends a single deadline: the event that it waited for has come."""

from uuid import UUID

from services.vouchers.deadlines.locks import lock_milestone
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context


async def end_milestone(context: Context, subject_id: UUID, kind: MilestoneKind) -> bool:
    """True when the deadline was still running. An event from before it was set does not end it."""
    row = await lock_milestone(context, subject_id, kind)
    if row is None or row.reached_at or row.ended_at or not context.is_newer_than(row.set_at):
        return False
    row.ended_at = context.now
    return True
