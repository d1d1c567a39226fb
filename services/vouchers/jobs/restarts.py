"""Starts the workflows that rows call for and Temporal does not run: after a restore all of them, else those that somebody ended there.

A workflow that is started again reads its row, which holds all effects of the steps of its lost run.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from services.vouchers.deadlines.queries.running import list_calls, list_running_milestones
from services.vouchers.deadlines.timers import call_workflow, milestone_workflow
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.queries.unfinished import list_unfinished_awards
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

PAUSE_SECONDS = 300

log = structlog.get_logger()


Starts = dict[str, Callable[[], Awaitable[None]]]
"""By the id of a workflow, how to start it."""


async def list_unfinished(context: Context, lifecycles: Lifecycles) -> Starts:
    """The workflows that the rows call for, whether they run or not."""
    awards = await list_unfinished_awards(context)
    vouchers = {voucher_workflow(row.id): partial(lifecycles.start_voucher, row.id, row.region) for row in awards}
    calendars = {call_workflow(row.id): partial(lifecycles.start_calendar, row.id, row.region) for row in await list_calls(context)}
    deadlines = {
        milestone_workflow(row.subject_id, kind): partial(lifecycles.start_milestone, row.subject_id, kind, row.region)
        for row in await list_running_milestones(context)
        for kind in [MilestoneKind(row.kind)]
    }
    return {**vouchers, **calendars, **deadlines}


class Restarts:
    """The job of a worker. A workflow that started a moment ago may be missing in Temporal's list; to start it again changes nothing."""

    def __init__(self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook, lifecycles: Lifecycles) -> None:
        self.sessions, self.clock, self.policies, self.lifecycles = sessions, clock, policies, lifecycles

    async def run(self) -> None:
        """One look, after a pause."""
        await asyncio.sleep(PAUSE_SECONDS)
        await self.look()

    async def look(self) -> list[str]:
        """The ids of the workflows that were asked to start. One that has completed does not run again."""
        async with self.sessions.begin() as session:
            unfinished = await list_unfinished(Context(session, SYSTEM, self.policies, self.clock.now), self.lifecycles)
        missing = sorted(unfinished.keys() - await self.lifecycles.running())
        for workflow in missing:
            await unfinished[workflow]()
        if missing:
            log.warning("workflows were not running", service="vouchers", workflows=missing)
        return missing
