"""Figures that a process keeps for a while."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

from shared.web.figures import KEPT, Figures

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


async def test_figures_are_counted_once_in_their_time() -> None:
    numbers = count(1)

    async def counted(_: Any) -> int:
        await asyncio.sleep(0)
        return next(numbers)

    figures = Figures(counted)

    def read(after: timedelta) -> Any:
        context: Any = SimpleNamespace(now=BEGIN + after)
        return figures.read(context)

    assert await asyncio.gather(read(timedelta()), read(timedelta()), read(KEPT - timedelta(seconds=1))) == [1, 1, 1]
    assert [await read(after) for after in (KEPT, KEPT * 1.5, KEPT * 2, timedelta())] == [2, 2, 3, 4]
