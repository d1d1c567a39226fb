"""Takes steps of many lifecycles in few transactions.

While one batch is written, the steps that are asked for meanwhile wait for the next one: a step that comes alone waits for nobody. Each
step has its own row and its own result, and its repetition is known by its own key, as if it had been taken by itself.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import structlog

from services.vouchers.commands.take_step import Asked, take_free_steps
from services.vouchers.workflows.models import Position
from shared.messaging.context import Context

MOST = 50
"""Steps of a batch: it is written in a fraction of a second."""


class StepBatches:
    """`transaction` gives the context of a transaction of its own, which commits at its end."""

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[Context]]) -> None:
        self._transaction = transaction
        self._waiting: list[tuple[Asked, asyncio.Future[Position | None]]] = []
        self._working: asyncio.Task[None] | None = None

    async def take(self, asked: Asked) -> Position | None:
        """Returns when its batch is committed. None when the step could not be taken in it, and has had no effect: it is then to be taken
        by itself, which waits for its row or says what is wrong."""
        answer: asyncio.Future[Position | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        while batch := self._next():
            positions: list[Position | None] = [None] * len(batch)
            try:
                async with self._transaction() as context:
                    taken = await take_free_steps(context, [asked for asked, _ in batch])
                positions = taken
            except Exception as error:  # noqa: BLE001 - one of them, which raises it again by itself
                structlog.get_logger().info("steps are taken one by one", steps=len(batch), error=type(error).__name__)
            for (_, answer), position in zip(batch, positions, strict=True):
                if not answer.done():  # a step whose time is over, or whose worker stops, is asked for again
                    answer.set_result(position)

    def _next(self) -> list[tuple[Asked, asyncio.Future[Position | None]]]:
        """Those that have waited longest, one of each award."""
        batch, awards = list[tuple[Asked, asyncio.Future[Position | None]]](), set[UUID]()
        for one in self._waiting:
            award_id = one[0].step.award_id
            if len(batch) < MOST and award_id not in awards:
                batch.append(one)
                awards.add(award_id)
        self._waiting = [one for one in self._waiting if one not in batch]
        return batch
