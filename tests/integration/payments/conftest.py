"""A payments service of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from shared.database import create_engine
from tests.conftest import FreshDatabase
from tests.support.payments import Payments


@pytest_asyncio.fixture
async def payments(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Payments]:
    engine = create_engine(await fresh_database("payments"), pool=20)
    yield Payments(engine, tmp_path)
    await engine.dispose()
