"""What waits at the desks of a person, from all the rooms."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from portal.client.base import ApiProblem, NoAnswer
from portal.finance import home as finance
from portal.kit.desks import DESKS, Desk, Task
from portal.kit.visit import Visit
from portal.officer import claims

TASKS: Mapping[str, Callable[[Visit], Awaitable[list[Task]]]] = {"officer": claims.tasks, "finance": finance.tasks}
"""Role → what waits for it, in the order of urgency. A count of 0 is left out by the page."""


async def waiting(visit: Visit) -> list[tuple[Desk, list[Task] | None]]:
    """Of each desk that the person has; None where a service gives no answer."""
    desks = [desk for desk in DESKS if desk.role in visit.roles]
    return list(zip(desks, await asyncio.gather(*(_tasks(visit, desk) for desk in desks)), strict=True))


async def _tasks(visit: Visit, desk: Desk) -> list[Task] | None:
    if desk.role not in TASKS:
        return []
    try:
        return [task for task in await TASKS[desk.role](visit) if task.count]
    except NoAnswer:
        return None
    except ApiProblem as problem:
        if problem.status == 403:  # the role has ended since
            return []
        raise
