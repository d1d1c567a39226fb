"""Work beside a health address: what is said of it, and how the two end together."""

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


async def test_work_that_breaks_off_ends_the_process_and_is_well_as_long_as_what_it_needs_is_there(fresh_database: FreshDatabase) -> None:
    port, wells, seen = free_port(), [True, False], []

    async def check() -> None:
        if not wells.pop(0):
            raise Unavailable

    async def look_and_break(working: asyncio.Task[None]) -> None:
        async with httpx.AsyncClient() as client:
            while wells:
                try:
                    seen.append((await client.get(f"http://{LOOPBACK}:{port}/health")).status_code)
                except httpx.ConnectError:
                    await asyncio.sleep(0.05)
        working.cancel()

    @asynccontextmanager
    async def work() -> AsyncIterator[None]:
        """As a worker of Temporal does, it cancels the task that it runs in when it breaks off."""
        working = asyncio.current_task()
        assert working is not None
        looking = asyncio.create_task(look_and_break(working))
        try:
            yield
        finally:
            await looking
            seen.append("ended")

    engine = create_engine(await fresh_database("vouchers"))
    with pytest.raises(SystemExit) as end:
        await run_beside_health(work(), engine, LOOPBACK, port, check)
    assert (seen, end.value.code) == ([200, 503, "ended"], 1)
