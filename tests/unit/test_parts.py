"""Parts of one process: each is started again by itself when it fails, and all of them end together."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from shared.runtime import parts as module
from shared.runtime.parts import PARTS, Parts


class Server:
    """As uvicorn's, without a socket: it serves until it is asked to end."""

    should_exit = False
    served = 0

    async def serve(self) -> None:
        self.served += 1
        while not self.should_exit:
            await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.001)


def part_of(server: Server) -> Callable[[], Awaitable[None]]:
    async def part() -> None:
        parts = PARTS.get()
        assert parts is not None
        await parts.serve(server)  # type: ignore[arg-type]

    return part


@pytest.mark.parametrize("error", [LookupError("lost"), asyncio.CancelledError(), None], ids=["fails", "cancels itself", "returns"])
async def test_part_begins_again_beside_the_others(error: BaseException | None) -> None:
    whole, begun, parts = Server(), 0, Parts("toys")

    async def breaks() -> None:
        nonlocal begun
        begun += 1
        if begun == 3:
            parts.end()
        elif error is not None:
            raise error

    await asyncio.wait_for(parts.run({"api": part_of(whole), "worker": breaks}), 5)
    assert (begun, whole.served) == (3, 1)


async def test_signal_ends_every_part_once() -> None:
    servers, parts = [Server(), Server()], Parts("toys")
    running = asyncio.create_task(parts.run({str(number): part_of(server) for number, server in enumerate(servers)}))
    while not all(server.served for server in servers):
        await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 5)
    assert [server.served for server in servers] == [1, 1]
    assert PARTS.get() is None


async def test_part_that_is_still_beginning_ends_too() -> None:
    server, parts = Server(), Parts("toys")

    async def late() -> None:
        parts.end()
        await part_of(server)()

    await asyncio.wait_for(parts.run({"worker": late}), 5)
    assert server.served == 0
