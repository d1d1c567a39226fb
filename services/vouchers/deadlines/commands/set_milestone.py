"""Sets a single deadline."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.vouchers.deadlines.locks import lock_milestone
from services.vouchers.deadlines.tables import MilestoneRow
from shared.kernel.errors import Contradiction
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class Deadline:
    """What a deadline is about. `case_id` is the application's id where one is concerned, else the subject's."""

    kind: MilestoneKind
    subject_id: UUID
    case_id: UUID
    region: str
    policy_id: str


async def set_milestone(context: Context, deadline: Deadline, *, due_at: datetime, set_at: datetime | None = None) -> None:
    """A later deadline supersedes the last one of its kind (an application may be returned twice). An earlier one is an old event and
    changes nothing. `set_at`: the time of the event, where older events of the same log must not end the deadline.

    `Contradiction` when the subject belongs to another case or region.
    """
    known = await lock_milestone(context, deadline.subject_id, deadline.kind)
    if known is not None and (known.case_id, known.region) != (deadline.case_id, deadline.region):
        raise Contradiction(f"{deadline.kind} of {deadline.subject_id}: it belongs to case {known.case_id} in {known.region}")
    values = {"due_at": due_at, "set_at": set_at, "reached_at": None, "ended_at": None}
    new = insert(MilestoneRow).values(**asdict(deadline), **values)
    later = new.excluded.due_at > MilestoneRow.due_at
    await context.session.execute(new.on_conflict_do_update(index_elements=["subject_id", "kind"], set_=values, where=later))
