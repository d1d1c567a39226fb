"""Single deadlines: set by one event, ended by another, or reached."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.vouchers.tables import MilestoneRow
from services.vouchers.workflows.models import Deadline
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.errors import NotYet
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def set_milestone(context: Context, deadline: Deadline, *, case_id: UUID, due_at: datetime, set_at: datetime | None = None) -> None:
    """A later deadline takes the place of the last one of its kind (a file may be returned twice); an earlier one is old news."""
    values = {"case_id": case_id, "due_at": due_at, "set_at": set_at, "reached_at": None, "ended_at": None}
    kept = insert(MilestoneRow).values(**deadline.model_dump(exclude={"clock"}), **values)
    later = kept.excluded.due_at > MilestoneRow.due_at
    await context.session.execute(kept.on_conflict_do_update(index_elements=["subject_id", "kind"], set_=values, where=later))


async def end_milestone(context: Context, subject_id: UUID, kind: str) -> MilestoneRow | None:
    """What it waited for has come. Returns the milestone if it was still running; news from before it was set do not end it."""
    row = await _locked(context, subject_id, kind)
    if row is None or row.reached_at or row.ended_at or not context.is_newer_than(row.set_at):
        return None
    row.ended_at = context.now
    return row


async def reach_milestone(context: Context, subject_id: UUID, kind: str) -> datetime | None:
    """Announces it when it is due and was not ended. Returns when to look again, None when it is over."""
    row = await _locked(context, subject_id, kind)
    if row is None:  # the event that set it is still being taken
        raise NotYet(subject_id)
    if row.reached_at or row.ended_at:
        return None
    if context.now < row.due_at:
        return row.due_at
    row.reached_at = context.now
    milestone = MilestoneReached(subject_id=subject_id, case_id=row.case_id, region=row.region, kind=kind, due_at=row.due_at)
    publish(context, milestone, reason="deadline", policy_id=row.policy_id)
    return None


async def _locked(context: Context, subject_id: UUID, kind: str) -> MilestoneRow | None:
    return await context.session.get(MilestoneRow, (subject_id, kind), with_for_update=True, populate_existing=True)
