"""What many ask for at the same moment is done in one transaction: in the last minute of a call one commit serves all who wait for it.

While one transaction is under way, who comes meanwhile waits for the next, which waits a moment for as many as there were; a request that
comes alone waits for nobody. Each is answered after the commit. What a transaction cannot take along, and everything of one that fails, is
left: its request does it alone, in a transaction of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from contextvars import Context, copy_context
from typing import Generic, TypeVar

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.engine import Sessions

What = TypeVar("What")
Result = TypeVar("Result")
Found = TypeVar("Found")
MOST = 50
"""Of one transaction: it holds its locks no longer than a few single ones would."""
PAUSE_SECONDS = 0.002
"""About what reading the requests takes that were sent when the last transaction had ended."""

_PLAN_ONCE = text("SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)")


async def plan_once(session: AsyncSession) -> None:
    """At the beginning of such a transaction: its statements are planned once, not each time for the number of rows that they are given.
    To plan them costs more than to run them. What is planned once must not scan a table because it is small, or has no statistics yet."""
    await session.execute(_PLAN_ONCE)


log = structlog.get_logger()


class Asked(Generic[What, Result]):
    """What one request asks for. `variables` are those of the request, for its log and its trace."""

    def __init__(self, what: What) -> None:
        self.what, self.variables = what, copy_context()
        self.answer: asyncio.Future[Result | None] = asyncio.get_running_loop().create_future()

    def leave(self) -> None:
        """Its request does it alone, and begins now."""
        self._end(None)

    def done(self, result: Result) -> None:
        """Called after the commit."""
        self._end(result)

    def _end(self, result: Result | None) -> None:
        if not self.answer.done():
            self.answer.set_result(result)


def with_found(
    asked: Iterable[Asked[What, Result]], find: Callable[[Asked[What, Result]], Found | None]
) -> list[tuple[Asked[What, Result], Found]]:
    """Those for which something is found, with it; the others are left."""
    ready: list[tuple[Asked[What, Result], Found]] = []
    for one in asked:
        found = find(one)
        if found is None:
            one.leave()
        else:
            ready.append((one, found))
    return ready


Work = Callable[[AsyncSession, Sequence[Asked[What, Result]]], Awaitable[Iterable[tuple[Asked[What, Result], Result]]]]
"""Does in the session's transaction what it can, commits nothing, and returns the result of each that it did."""


class Together(Generic[What, Result]):
    def __init__(self, sessions: Sessions, work: Work[What, Result]) -> None:
        self._sessions, self._work = sessions, work
        self._waiting: list[Asked[What, Result]] = []
        self._under_way: asyncio.Task[None] | None = None
        self._expected, self._as_expected = 0, asyncio.Event()

    async def ask(self, what: What) -> Result | None:
        """The result, committed; None when it was not done, and has to be done alone."""
        asked = Asked[What, Result](what)
        self._waiting.append(asked)
        if self._under_way is None:
            self._under_way = asyncio.create_task(self._run(), context=Context())
        elif len(self._waiting) >= self._expected:
            self._as_expected.set()
        return await asked.answer

    async def _run(self) -> None:
        try:
            while taken := self._waiting[:MOST]:
                del self._waiting[:MOST]
                for asked, result in await self._done(taken):
                    asked.done(result)
                for asked in taken:
                    asked.leave()
                await self._gather(min(MOST, len(taken) + len(self._waiting)))
        finally:
            self._under_way = None

    async def _gather(self, expected: int) -> None:
        """After a transaction of several: until as many wait as have asked for it and during it, or a moment. Those who ask by turns would
        else stay in two groups, with two transactions for one."""
        if expected > max(1, len(self._waiting)):
            self._expected = expected
            self._as_expected.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._as_expected.wait(), PAUSE_SECONDS)

    async def _done(self, taken: Sequence[Asked[What, Result]]) -> Iterable[tuple[Asked[What, Result], Result]]:
        """Nothing when the transaction fails: of each of them it is found out alone why, and the others are done."""
        try:
            async with self._sessions.begin() as session:
                return await self._work(session, taken)
        except Exception as error:
            log.warning("done one by one", error=type(error).__name__, asked=len(taken))
            return ()
