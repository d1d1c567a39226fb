"""Once a day: which roles wait for a second administrator."""

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.states import GrantState
from services.people.steps.tasks import store_tasks
from services.people.tables import PersonRow, RoleGrantRow, TaskCountRow
from shared.database.locks import lock_names
from shared.kernel.vocabulary import TaskKind
from shared.messaging.context import Context
from shared.runtime.task_counts import day_of


async def count_roles(context: Context, region: str) -> None:
    """Nothing happens when this day has been counted. Who proposed a role, is to have it, or registered the machine that is, does not
    decide on it."""
    await lock_names(context.session, [f"tasks {region}"])
    last = await context.session.get(TaskCountRow, ("people", region))
    if last is not None and day_of(last.counted_at) >= day_of(context.now):
        return
    query = (
        select(col(RoleGrantRow.proposed_by), col(PersonRow.registered_by))
        .join(PersonRow, col(PersonRow.id) == col(RoleGrantRow.person_id))
        .where(col(RoleGrantRow.region) == region, col(RoleGrantRow.state) == GrantState.PROPOSED)
        .order_by(col(RoleGrantRow.id))
    )
    tasks = [
        {"kind": TaskKind.ROLES_TO_DECIDE, "count": 1, "person_id": None, "not_for": list(others)}
        for others in (await context.session.execute(query)).all()
    ]
    if tasks or (last is not None and last.tasks):
        await store_tasks(context, "people", region, tasks)
