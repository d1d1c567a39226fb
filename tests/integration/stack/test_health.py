"""Work beside a health address: the health that is reported, and how both end together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from deploy.embedded.ports import LOOPBACK, free_port
from shared.database import create_engine
from shared.kernel.errors import Unavailable
from shared.runtime.health import run_beside_health
from tests.conftest import FreshDatabase


async def test_health_follows_the_check_and_failure_ends_the_process(fresh_database: FreshDatabase) -> None:
    port, checks, seen = free_port(), [True, False], []

    async def check() -> None:
        if not checks.pop(0):
            raise Unavailable

    async def probe_and_cancel(working: asyncio.Task[None]) -> None:
        async with httpx.AsyncClient() as client:
            while checks:
                try:
                    seen.append((await client.get(f"http://{LOOPBACK}:{port}/health")).status_code)
                except httpx.ConnectError:
                    await asyncio.sleep(0.05)
        working.cancel()

    @asynccontextmanager
    async def work() -> AsyncIterator[None]:
        """Cancels the task that it runs in when it fails, as a worker of Temporal does."""
        working = asyncio.current_task()
        assert working is not None
        probing = asyncio.create_task(probe_and_cancel(working))
        try:
            yield
        finally:
            await probing
            seen.append("ended")

    engine = create_engine(await fresh_database("vouchers"))
    with pytest.raises(SystemExit) as end:
        await run_beside_health(work(), engine, LOOPBACK, port, check)
    assert (seen, end.value.code) == ([200, 503, "ended"], 1)
