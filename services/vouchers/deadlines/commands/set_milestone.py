"""Sets a single deadline."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.vouchers.deadlines.tables import MilestoneRow
from services.vouchers.deadlines.workflows.models import MilestoneInput
from shared.messaging.context import Context


async def set_milestone(
    context: Context, milestone: MilestoneInput, *, case_id: UUID, due_at: datetime, set_at: datetime | None = None
) -> None:
    """A later deadline supersedes the last one of its kind (an application may be returned twice). An earlier one is an old event and
    changes nothing. `set_at`: the time of the event, where older events of the same log must not end the deadline."""
    values = {"case_id": case_id, "due_at": due_at, "set_at": set_at, "reached_at": None, "ended_at": None}
    new = insert(MilestoneRow).values(**milestone.model_dump(exclude={"clock"}), **values)
    later = new.excluded.due_at > MilestoneRow.due_at
    await context.session.execute(new.on_conflict_do_update(index_elements=["subject_id", "kind"], set_=values, where=later))
