"""What is asked for at the same moment is done in one transaction."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import create_engine, sessions_of
from shared.database import together as module
from shared.database.together import Asked, Together
from tests.conftest import FreshDatabase
from tests.support.desk import SEALING

LONG = 1


@pytest.mark.timeout(60)
async def test_under_load_all_who_ask_again_share_a_transaction(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four who ask by turns would stay in twos. Who asks after them, alone, waits for the others no longer than the pause."""
    monkeypatch.setattr(module, "PAUSE_SECONDS", LONG)
    engine, sizes = create_engine(await fresh_database("payments")), list[int]()

    async def work(session: AsyncSession, asked: Sequence[Asked[int, int]]) -> list[tuple[Asked[int, int], int]]:
        await session.execute(text("SELECT pg_sleep(0.005)"))
        sizes.append(len(asked))
        return [(one, one.what) for one in asked]

    together = Together[int, int](sessions_of(engine, SEALING), work)
    for number in range(3):
        assert await together.ask(number) == number  # alone: nobody is waited for

    async def often(who: int) -> None:
        for number in range(10):
            assert await together.ask(number) == number
            await asyncio.sleep(0.001 * who)

    await asyncio.gather(*(often(who) for who in range(4)))
    assert sizes[:3] == [1, 1, 1]
    assert sizes[-9:] == [4] * 9
    assert await together.ask(1) == 1
    await engine.dispose()
