"""Calls to other systems that the handlers of a batch ask for: several at once, after all handlers and before the commit. One after the
other, each would hold the locks of the batch while it waits for an answer."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable

AT_ONCE = 16

Call = Callable[[], Awaitable[object]]


class Outside:
    """The calls of one transaction. Those about one subject keep their order."""

    def __init__(self) -> None:
        self._calls: dict[str, list[tuple[Call, contextvars.Context]]] = {}

    def add(self, subject: str, call: Call) -> None:
        """It runs with the log and the trace of who asks for it here."""
        self._calls.setdefault(subject, []).append((call, contextvars.copy_context()))

    async def run(self) -> None:
        """Returns when all have ended; then raises an error of one of them. After an error its subject gets no further call."""
        calls, self._calls = self._calls, {}
        room = asyncio.Semaphore(AT_ONCE)

        async def in_turn(of_subject: list[tuple[Call, contextvars.Context]]) -> None:
            async with room:
                for call, context in of_subject:
                    await asyncio.create_task(_made(call), context=context)

        ended = await asyncio.gather(*map(in_turn, calls.values()), return_exceptions=True)
        for result in ended:
            if isinstance(result, BaseException):
                raise result


async def _made(call: Call) -> None:
    await call()
