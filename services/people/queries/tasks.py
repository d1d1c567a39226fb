"""What waits for whom at the agency, of the counts that no digest was made of yet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.people.domain.mails import COLLECTING
from services.people.domain.states import GrantState
from services.people.domain.tasks import SERVICE_OF, Task, Waiting, tasks_of_person
from services.people.queries.mails import refuses_mail
from services.people.queries.roles import roles_in_force
from services.people.tables import PersonRow, RoleGrantRow, TaskCountRow
from shared.kernel.vocabulary import TaskKind
from shared.messaging.context import Context


async def uncollected_since(context: Context) -> datetime | None:
    """When the first count came that no digest was made of; None while others of the same hour may come, or there is none."""
    oldest: datetime | None = await context.session.scalar(
        select(func.min(col(TaskCountRow.counted_at))).where(col(TaskCountRow.mailed_at).is_(None))
    )
    return oldest if oldest is not None and oldest + COLLECTING <= context.now else None


async def waiting_by_person(context: Context) -> dict[UUID, list[Waiting]]:
    """Of all regions together, for who has a role there, takes this mail and can be reached by it."""
    rows = await context.session.scalars(select(TaskCountRow).where(col(TaskCountRow.mailed_at).is_(None)))
    tasks = [
        Task(row.region, TaskKind(task["kind"]), task["count"], task["person_id"], tuple(task["not_for"]))
        for row in rows
        for task in row.tasks
        if task["kind"] in SERVICE_OF
    ]
    regions = {task.region for task in tasks}
    holders = (
        select(col(RoleGrantRow.person_id))
        .join(PersonRow, col(PersonRow.id) == col(RoleGrantRow.person_id))
        .where(col(RoleGrantRow.region).in_(regions), col(RoleGrantRow.state) == GrantState.GRANTED)
        .where(col(PersonRow.ended_at).is_(None), col(PersonRow.task_mail), col(PersonRow.email_key).is_not(None), ~refuses_mail())
        .where(~col(PersonRow.machine))
        .distinct()
    )
    found = {
        person_id: tasks_of_person(str(person_id), await roles_in_force(context, person_id), tasks)
        for person_id in await context.session.scalars(holders)
    }
    return {person_id: waiting for person_id, waiting in found.items() if waiting}
