"""What the workflows share: how long they sleep, and a step in the service's own database."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import RetryPolicy

from services.vouchers.workflows.models import Input

Argument = TypeVar("Argument", bound=BaseModel)
Result = TypeVar("Result", bound=BaseModel)

_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=10))
_TICK = 0.001
"""Seconds; what Temporal's timers are counted in."""
_WAITS_IN_WORKER = timedelta(seconds=1)
"""A longer wait before the next attempt is a timer of Temporal's. A worker does not stop while a step waits inside it: with the library's
minute, a service whose database was down could only be killed."""


def time_left(begun_with: Input, until: datetime | None, wake_in: timedelta | None) -> timedelta | None:
    """How long to sleep until an instant that a step has returned (None: no limit). Only where the step did not say it, as in histories
    of old, the clock of the workflow's input does."""
    if until is None or wake_in is not None:
        return wake_in
    return begun_with.clock.real_time_until(until, workflow.now())


async def wait(happened: Callable[[], bool], limit: timedelta | None) -> bool:
    """Returns True as soon as `happened()` is true, or False after `limit` (None: no limit)."""
    with suppress(TimeoutError):
        await workflow.wait_condition(happened, timeout=limit)
    return happened()


class Alarm:
    """The one timer of a workflow. It is set again only for an earlier instant: one that rings too early costs a look at the time, and one
    that is ended and set for each stage costs Temporal two events each time. At the end it just goes, with the workflow."""

    def __init__(self) -> None:
        self._rings_at: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def wait(self, happened: Callable[[], bool], limit: timedelta | None) -> bool:
        """As `wait`."""
        loop = asyncio.get_running_loop()
        until = None if limit is None else loop.time() + limit.total_seconds()
        while not happened():
            if until is not None:
                if until - loop.time() < _TICK:
                    return False
                self._set(loop, until)
            await workflow.wait_condition(lambda: happened() or (until is not None and self._rings_at is None))
        return True

    def _set(self, loop: asyncio.AbstractEventLoop, until: float) -> None:
        if self._rings_at is not None and self._rings_at <= until:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at, self._timer = until, loop.call_later(until - loop.time(), self._ring)

    def _ring(self) -> None:
        self._rings_at = self._timer = None


async def run_activity(step: Callable[[Any, Argument], Awaitable[Result]], argument: Argument) -> Result:
    """Runs one command in a transaction of its own. Its events are published with it.

    Retried until it succeeds: a database that is down comes back, and a missing policy file is put back. Only a step whose row does not
    come fails in the end, and with it the workflow (`activities.py`). The activity is local because it uses nothing but the service's own
    database.
    """
    return await workflow.execute_local_activity_method(
        step, argument, start_to_close_timeout=timedelta(seconds=30), retry_policy=_RETRY, local_retry_threshold=_WAITS_IN_WORKER
    )
