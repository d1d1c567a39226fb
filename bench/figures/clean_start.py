"""From a clone to the first paid voucher."""

import asyncio
import os
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial

import asyncpg

from bench.declare import Figures, Sides, benchmark
from bench.stack import Stack
from deploy.embedded.data_directory import REPOSITORY, DataDirectory
from deploy.embedded.state import read_state

LIMIT_SECONDS = 1_800
PAID = "SELECT 1 FROM outbox WHERE type = 'payments.DisbursementPaid.v1' LIMIT 1"


@benchmark("From a clean clone to the first paid voucher", unit="s", warm_up=False, opt_in=True)
async def clean_start(stack: Stack) -> AsyncIterator[Sides]:
    """`git clone`, then `make demo`, which makes its environment from nothing (no cache of packages), starts the platform and sends
    the real input at a programme day a second. It includes programme time: the first payment is months after the call."""

    async def turn() -> Figures:
        clone = stack.folder / f"clone-{time.monotonic_ns()}"
        data, began = DataDirectory(clone / "var"), time.monotonic()
        await _run_checked("git", "clone", "-q", str(REPOSITORY), str(clone))
        environment = {**os.environ, "PIP_NO_CACHE_DIR": "1", "TRIPTYCH_HOME": str(data.root)}
        demo = await asyncio.create_subprocess_exec("make", "-C", str(clone), "demo", env=environment, stdout=DEVNULL)
        try:
            installed = await _until(began, partial(_exists, data))
            return {"platform begins to start, s": installed, "first paid voucher, s": await _until(began, partial(_paid, data))}
        finally:
            demo.terminate()
            await demo.wait()
            await _run_checked("make", "-C", str(clone), "down", env=environment)

    yield {"clean clone": turn}


async def _run_checked(*command: str, env: Mapping[str, str] | None = None) -> None:
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=DEVNULL)
    assert await process.wait() == 0, command


async def _until(began: float, happened: Callable[[], Awaitable[bool]]) -> float:
    async with asyncio.timeout(LIMIT_SECONDS):
        while not await happened():
            await asyncio.sleep(0.5)
    return time.monotonic() - began


async def _exists(data: DataDirectory) -> bool:
    return data.state_file.exists()


async def _paid(data: DataDirectory) -> bool:
    kept = read_state(data)
    try:
        database = await asyncpg.connect(kept.database_url("payments", driver="postgresql"))
    except (OSError, asyncpg.PostgresError):  # not started yet
        return False
    try:
        return bool(await database.fetchval(PAID))
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await database.close()
