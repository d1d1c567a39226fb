"""What the workflows share: programme time, and a step in the service's own database."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import RetryPolicy

from shared.kernel.clock import ProgrammeClock

Argument = TypeVar("Argument", bound=BaseModel)
Result = TypeVar("Result", bound=BaseModel)

_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=10))


def programme_now(clock: ProgrammeClock) -> datetime:
    return clock.at(workflow.now())


async def wait(clock: ProgrammeClock, happened: Callable[[], bool], until: datetime | None) -> bool:
    """Returns True as soon as `happened()` is true, or False when programme time has reached `until` (None: no limit)."""
    timeout = None if until is None else clock.real_time_until(until, workflow.now())
    with suppress(TimeoutError):
        await workflow.wait_condition(happened, timeout=timeout)
    return happened()


async def run_activity(step: Callable[[Any, Argument], Awaitable[Result]], argument: Argument) -> Result:
    """Runs one command in a transaction of its own. Its events are published with it.

    Retried until it succeeds: a database that is down comes back, and a missing policy file is put back. The activity is local
    because it uses nothing but the service's own database.
    """
    return await workflow.execute_local_activity_method(step, argument, start_to_close_timeout=timedelta(seconds=30), retry_policy=_RETRY)
