"""Ends a single deadline: the event that it waited for has come."""

from uuid import UUID

from services.vouchers.deadlines.locks import lock_milestone
from shared.contracts.binding import require_same
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context
from shared.messaging.event import Event


async def end_milestone(context: Context, event: Event, subject_id: UUID, kind: MilestoneKind) -> bool:
    """True when the deadline was still running. An event from before it was set does not end it. `Contradiction` when the event is of
    another case or region than the deadline."""
    row = await lock_milestone(context, subject_id, kind)
    if row is not None:
        require_same(event, row)
    if row is None or row.reached_at or row.ended_at or not context.is_newer_than(row.set_at):
        return False
    row.ended_at = context.now
    return True
