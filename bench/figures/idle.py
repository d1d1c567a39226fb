"""Memory of the idle platform, and its start time."""

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial

import psutil

from bench.declare import Figures, Sides, benchmark
from bench.stack import Stack
from deploy.embedded import daemon
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.ports import free_port
from deploy.embedded.state import StartOptions
from shared.messaging.profile import BrokerKind

SETTLED_SECONDS = 10
OURS = ("deploy.", "services.", "portal.", "simulation.", "triptych: ")


@benchmark("Idle platform", unit="s or MiB", warm_up=False)
async def idle(stack: Stack) -> AsyncIterator[Sides]:
    """`triptych up` in an empty folder (databases made and migrated), and again with these databases; then, ten seconds
    later, the memory of its processes, with shared pages counted once (PSS): our own processes, the simulated bank, provider and mailbox
    among them, and the servers."""
    yield {str(kind): partial(_turn, stack, kind) for kind in BrokerKind}


async def _turn(stack: Stack, kind: BrokerKind) -> Figures:
    data = DataDirectory(stack.folder / f"platform-{time.monotonic_ns()}")
    options = StartOptions(gateway_port=free_port(), broker=kind)
    try:
        first = await _up(data, options)
        await asyncio.to_thread(daemon.stop, data)
        again = await _up(data, options)
        await asyncio.sleep(SETTLED_SECONDS)
        return {"first start, s": first, "start again, s": again, **_memory(data)}
    finally:
        await asyncio.to_thread(daemon.stop, data)


async def _up(data: DataDirectory, options: StartOptions) -> float:
    began = time.monotonic()
    await asyncio.to_thread(daemon.start, data, options)
    return time.monotonic() - began


def _memory(data: DataDirectory) -> Figures:
    status = daemon.platform_status(data)
    assert status is not None
    tree = [supervisor := psutil.Process(status.supervisor.pid), *supervisor.children(recursive=True)]
    ours, servers = 0.0, 0.0
    for process in tree:
        mebibytes = process.memory_full_info().pss / 2**20
        if any(part.startswith(OURS) for part in process.cmdline()):
            ours += mebibytes
        else:
            servers += mebibytes
    return {"ours, MiB": ours, "servers, MiB": servers}
