"""Work that nobody would miss if it ended: it never does."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.messaging.inbox import describe

log = structlog.get_logger()


async def for_ever(work: Callable[[], Awaitable[object]], name: str, service: str) -> None:
    """Does `work` again whenever it ends, and a second after it broke, until whoever runs it cancels it. What broke is logged, without
    what it was about.

    Clients of the broker hand on cancellations of tasks of theirs. One that nobody asked us for is a break like any other.
    """
    while True:
        try:
            await work()
        except (Exception, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            log.warning("work begins anew", work=name, service=service, error=describe(error))
            await asyncio.sleep(1)
