"""Counts once a day what waits for people of the agency, and announces it: `people` makes a mail of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from shared.contracts.common import TasksCounted, WaitingTask, tasks_of
from shared.database.engine import Sessions
from shared.database.locks import lock_names
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.messaging.tables import OutboxRow
from shared.policy.resolver import PolicyBook

PAUSE_SECONDS = 60
"""Real time, and so also the most often that a region is counted where a programme day is a second."""
DAY_BEGINS = timedelta(hours=5)
"""UTC: before anybody of the regions is at work."""
Waiting = Callable[[Context, str], Awaitable[list[WaitingTask]]]


def day_of(instant: datetime) -> date:
    """The day for which a count at this instant (programme time) is."""
    return (instant - DAY_BEGINS).date()


class TaskCounts:
    """`run` is one round, before a pause. `waiting` finds what waits in a region; `contract` says it."""

    def __init__(
        self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook, contract: type[TasksCounted], waiting: Waiting
    ) -> None:
        self.sessions, self.clock, self.policies, self.contract, self.waiting = sessions, clock, policies, contract, waiting

    async def run(self) -> None:
        await self.count()
        await asyncio.sleep(PAUSE_SECONDS)

    async def count(self) -> None:
        """Each region in a transaction of its own."""
        for region in sorted({policy.region for policy in self.policies.all()}):
            async with self.sessions.begin() as session:
                await announce_tasks(Context(session, SYSTEM, self.policies, self.clock.now), region, self.contract, self.waiting)


async def announce_tasks(context: Context, region: str, contract: type[TasksCounted], waiting: Waiting) -> None:
    """Once a day, whichever worker comes first. That nothing waits is said once, after a day on which something did."""
    await lock_names(context.session, [f"tasks {region}"])
    own = (col(OutboxRow.key) == tasks_of(region), col(OutboxRow.type) == contract.type)
    last = await context.session.scalar(select(col(OutboxRow.body)).where(*own).order_by(col(OutboxRow.position).desc()).limit(1))
    day = day_of(context.now)
    if last is not None and date.fromisoformat(last["day"]) >= day:
        return
    tasks = await waiting(context, region)
    if tasks or (last is not None and last["tasks"]):
        publish(context, contract.of(region, day, tasks), reason="daily", policy_id="")
