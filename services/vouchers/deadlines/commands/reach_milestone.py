"""Announces a single deadline that has passed."""

from datetime import datetime
from uuid import UUID

from services.vouchers.deadlines.locks import lock_milestone
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.errors import NotYet
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def reach_milestone(context: Context, subject_id: UUID, kind: MilestoneKind) -> datetime | None:
    """Announces it when it is due and was not ended. Returns when to check again, None when it is over.

    `NotYet` while the event that sets it is still being handled.
    """
    row = await lock_milestone(context, subject_id, kind)
    if row is None:
        raise NotYet(subject_id)
    if row.reached_at or row.ended_at:
        return None
    if context.now < row.due_at:
        return row.due_at
    row.reached_at = context.now
    milestone = MilestoneReached(subject_id=subject_id, case_id=row.case_id, region=row.region, kind=kind, due_at=row.due_at)
    publish(context, milestone, reason="deadline", policy_id=row.policy_id)
    return None
