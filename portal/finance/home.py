"""The first page of finance: what waits, with how many."""

from starlette.responses import Response

from portal.kit.desks import Task
from portal.kit.pages import page
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit


async def tasks(visit: Visit) -> list[Task]:
    """In the order of urgency."""
    sealed = await visit.services.payments.list_batches(await visit.caller(), state="sealed", limit=1)
    words = text(visit.language, "Batches to release")
    return [Task(words, sealed.total, "/finance/batches?state=sealed", sealed.total_is_exact)]


async def home(visit: Visit) -> Response:
    return page(visit, "finance/home.html", tasks=[task for task in await tasks(visit) if task.count])


ROUTES = [staff("/finance", home)]
