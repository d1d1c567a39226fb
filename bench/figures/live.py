"""What it costs that open pages are kept up to date."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from functools import partial

import psutil

from bench.applications_service import ApplicationsService
from bench.declare import Figures, Sides, benchmark
from bench.load import Client
from bench.portal_service import PortalService, Visitor
from bench.stack import Stack
from deploy.embedded.ports import LOOPBACK
from portal.kit.streams import MOST_OF_SESSION

OPEN = 100
WARM_SECONDS = 6
"""Until each stream has begun its second check."""


@benchmark("Open pages", unit="% of a core, or MiB", warm_up=False, rounds=2)
async def live(stack: Stack) -> AsyncIterator[Sides]:
    """Processor time of one process of the portal while a hundred home pages of applicants are open, four of each person, and nothing
    changes: of each, every five seconds, the session is read and four questions are asked, of `applications`, `vouchers` and `people`.
    *services*: of these three and of PostgreSQL together, for the same time."""
    service = await ApplicationsService.open(stack)
    portal = await PortalService.open(service)
    port, seconds = portal.ports[0], stack.pick(10, 5)
    visitors = [await portal.visitor() for _ in range(stack.pick(OPEN, 8) // MOST_OF_SESSION)]
    addresses = [await _address(Client(port), visitor) for visitor in visitors]
    yield {
        "no page": partial(_turn, port, [], seconds),
        f"{len(visitors) * MOST_OF_SESSION} pages": partial(
            _turn, port, [*zip(visitors, addresses, strict=True)] * MOST_OF_SESSION, seconds
        ),
    }  # fmt: skip


async def _address(client: Client, visitor: Visitor) -> str:
    """Of the stream of the person's home page."""
    page = (await client.send("GET", "/home", visitor.headers)).content.decode()
    found = re.search(r'data-live="([^"]+)"', page)
    assert found
    return html.unescape(found[1])


async def _turn(port: int, pages: list[tuple[Visitor, str]], seconds: float) -> Figures:
    writers = [await _open(port, visitor, address) for visitor, address in pages]
    await asyncio.sleep(WARM_SECONDS)
    before = _spent()
    await asyncio.sleep(seconds)
    after = _spent()
    for writer in writers:
        writer.close()
    spent = {pid: after[pid] - before.get(pid, 0.0) for pid in after}
    portal = _listening(port).pid
    return {
        "portal, %": spent.pop(portal) / seconds * 100,
        "services, %": sum(spent.values()) / seconds * 100,
        "portal, MiB": psutil.Process(portal).memory_full_info().pss / 2**20,
    }


async def _open(port: int, visitor: Visitor, address: str) -> asyncio.StreamWriter:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    head = [f"GET {address} HTTP/1.1", "host: bench", *(f"{name}: {value}" for name, value in visitor.headers.items()), "", ""]
    writer.write("\r\n".join(head).encode())
    answer = await reader.readuntil(b"retry: ")
    assert answer.startswith(b"HTTP/1.1 200"), answer
    return writer


def _spent() -> dict[int, float]:
    """Processor seconds of each of our children since it began."""
    found = {}
    for process in psutil.Process().children(recursive=True):
        times = process.cpu_times()
        found[process.pid] = times.user + times.system
    return found


def _listening(port: int) -> psutil.Process:
    """The process that listens there."""
    for process in psutil.Process().children(recursive=True):
        if any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in process.net_connections()):
            return process
    raise AssertionError(port)
