"""`await world("payments")`: that service with real rows of this test; `payments`: payments alone, for files of the bank."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest_asyncio

from shared.database import create_engine
from tests.conftest import FreshDatabase
from tests.hostile.worlds import MAKERS, World
from tests.support.identity import Issuer
from tests.support.payments import Payments

MakeWorld = Callable[[str], Awaitable[World]]


@pytest_asyncio.fixture
async def world(fresh_database: FreshDatabase, issuer: Issuer, tmp_path: Path) -> AsyncIterator[MakeWorld]:
    made: list[World] = []

    async def make(service: str) -> World:
        made.append(await MAKERS[service](await fresh_database(service), issuer, tmp_path))
        return made[-1]

    yield make
    for one in made:
        await one.engine.dispose()


@pytest_asyncio.fixture
async def payments(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Payments]:
    engine = create_engine(await fresh_database("payments"))
    yield Payments(engine, tmp_path)
    await engine.dispose()
