"""A service has counted what waits in a region."""

from typing import Any

from services.people.domain.tasks import OF_ONE, SERVICE_OF
from services.people.steps.mails import is_late
from services.people.steps.tasks import store_tasks
from shared.contracts.binding import require_equal
from shared.contracts.common import TasksCounted, WaitingTask, tasks_of
from shared.kernel.errors import Contradiction
from shared.kernel.vocabulary import TaskKind
from shared.messaging.context import Context


async def record_tasks(context: Context, event: TasksCounted) -> None:
    """The newest count of each service stands; an older one, and one of long ago, changes nothing. `Contradiction` for a region that is
    none, or for a kind that another service counts. A kind of a later release is left out."""
    service = event.topic.partition(".")[0]
    if event.region not in {policy.region for policy in context.policies.all()}:
        raise Contradiction(f"{event.type}: there is no region {event.region}")
    require_equal(event, "subject_id", event.subject_id, tasks_of(event.region))
    tasks = [_stored(event, service, task) for task in event.tasks if task.kind in frozenset(TaskKind)]
    if not is_late(context):
        await store_tasks(context, service, event.region, tasks)


def _stored(event: TasksCounted, service: str, task: WaitingTask) -> dict[str, Any]:
    kind = TaskKind(task.kind)
    if SERVICE_OF[kind] != service or (task.person_id is not None) != (kind in OF_ONE):
        raise Contradiction(f"{event.type}: {kind} is not counted so by {service}")
    return {"kind": kind, "count": task.count, "person_id": task.person_id, "not_for": [task.not_for] if task.not_for else []}
