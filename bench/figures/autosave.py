"""Saving one field of a draft while it is typed."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from itertools import count

import orjson

from bench.applications_service import CLIENTS, ApplicationsService
from bench.bare_service import bare_ports, row_id
from bench.declare import Aim, Figures, Sides, benchmark
from bench.drafting import SAVED, TITLE, Writer, api_writers, page_writers
from bench.load import Client, as_json, clients, load
from bench.portal_service import PortalService
from bench.stack import Stack

ALONE, TOGETHER = "one client, p50, ms", "eight clients, p50, ms"
Work = Callable[[], Awaitable[object]]


@benchmark(
    "Autosave of one field",
    unit="ms, or a second",
    aims=tuple(Aim("autosave", "bare update", metric, at_most=3) for metric in (ALONE, TOGETHER)),
)
async def autosave(stack: Stack) -> AsyncIterator[Sides]:
    """*autosave* is the request of the API that saves one answer of a draft (PATCH of a section): token and owner checked, the draft locked
    and decrypted, the answer checked by the form of the call, merged with what others have written, the form encrypted and stored, and
    the section returned with what it still lacks. *autosave by the page* is the request of the portal's script, for which the portal asks
    the API. *bare update*: the same framework, driver and number of processes, one row updated by its key, and a commit; no token, no
    check, no lock. Each client has a draft, or a row, of its own."""
    seconds = stack.pick(5, 1)
    service = await ApplicationsService.open(stack)
    portal = await PortalService.open(service)
    bare_clients, page_clients = (clients(ports, CLIENTS) for ports in (await bare_ports(stack, CLIENTS, {}), portal.ports))
    writers = await api_writers(service, CLIENTS, (TITLE,))
    at_pages = await page_writers(service, portal, page_clients[0].send, CLIENTS, (TITLE,))
    changes = count(1)

    async def update(client: Client, number: int) -> None:
        body = {"version": number, "answers": {TITLE.question: TITLE.value(next(changes))}}
        answer = await client.send("PATCH", f"/bare/{row_id(number)}", as_json("none"), orjson.dumps(body))
        assert answer.status == 200, answer

    yield {
        "autosave": partial(_figures, seconds, _saves(service.clients, writers)),
        "autosave by the page": partial(_figures, seconds, _saves(page_clients, at_pages)),
        "bare update": partial(_figures, seconds, [partial(update, client, number) for number, client in enumerate(bare_clients, start=1)]),
    }


def _saves(connections: list[Client], writers: Sequence[Writer]) -> list[Work]:
    async def save(client: Client, writer: Writer) -> None:
        answer = await writer.save(client.send)
        assert answer.status in SAVED, answer

    return [partial(save, client, writer) for client, writer in zip(connections, writers, strict=True)]


async def _figures(seconds: float, workers: list[Work]) -> Figures:
    alone, together = await load(seconds, workers[:1]), await load(seconds, workers)
    return {ALONE: alone.percentile(0.5), TOGETHER: together.percentile(0.5), "eight clients, a second": together.per_second}
