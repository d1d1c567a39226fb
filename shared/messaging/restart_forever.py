"""Restarts a background task until it is cancelled."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.messaging.failures import describe

log = structlog.get_logger()
PAUSE_SECONDS = 1


async def restart_forever(task: Callable[[], Awaitable[object]], name: str, service: str) -> None:
    """Runs `task` again when it returns, and `PAUSE_SECONDS` after it failed; returns only by cancellation of the caller.

    A failure is logged without the values that it was about. Kafka clients may raise the cancellation of one of their own
    tasks; that is a failure like any other, unless this task itself is being cancelled.
    """
    while True:
        try:
            await task()
        except (Exception, asyncio.CancelledError) as error:
            current = asyncio.current_task()
            if current is None or current.cancelling():
                raise
            log.warning("background task restarts", task=name, service=service, error=describe(error))
            await asyncio.sleep(PAUSE_SECONDS)
