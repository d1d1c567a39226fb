"""What the workflows share: programme time, and a step in our own database."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import RetryPolicy

from shared.kernel.clock import ProgrammeClock

Answer = TypeVar("Answer", bound=BaseModel)

_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=10))


def programme_now(clock: ProgrammeClock) -> datetime:
    return clock.at(workflow.now())


async def wait(clock: ProgrammeClock, happened: Callable[[], bool], until: datetime | None) -> bool:
    """Returns when it has happened (True), or when programme time has reached `until` (False; None: never)."""
    timeout = None if until is None else clock.real_time_until(until, workflow.now())
    with suppress(TimeoutError):
        await workflow.wait_condition(happened, timeout=timeout)
    return happened()


async def in_our_database(name: str, question: BaseModel, answer: type[Answer]) -> Answer:
    """One command in a transaction of its own; its events leave with it. Repeated until it succeeds: a database that is down
    comes back, and a policy file that is missing is put back. A local activity, because nothing but our database is touched."""
    result: Answer = await workflow.execute_local_activity(
        name, question, result_type=answer, start_to_close_timeout=timedelta(seconds=30), retry_policy=_RETRY
    )
    return result
