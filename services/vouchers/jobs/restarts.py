"""Starts the workflows that rows call for and Temporal does not run: after a restore all of them, else those that somebody ended there.
Puts right the schedules that somebody removed, paused or changed there.

A workflow that is started again reads its row, which holds all effects of the steps of its lost run.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

import structlog

from services.vouchers.deadlines.queries.running import list_calls, list_running_milestones
from services.vouchers.deadlines.timers import Identity, Run, call_workflow, milestone_workflow
from services.vouchers.deadlines.workflows.call_calendar import CallCalendar
from services.vouchers.deadlines.workflows.milestone import Milestone
from services.vouchers.deadlines.workflows.models import CallCalendarInput, MilestoneInput
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.queries.unfinished import list_unfinished_awards
from services.vouchers.temporal import AGAIN, task_queue
from services.vouchers.workflows.models import Input, LifecycleInput
from services.vouchers.workflows.voucher import VoucherLifecycle
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

PAUSE_SECONDS = 300

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A workflow that a row calls for, whether it runs or not, and how to start it."""

    identity: Identity
    input: Input
    start: Callable[[], Awaitable[None]]


async def list_unfinished(context: Context, lifecycles: Lifecycles) -> dict[str, Unfinished]:
    """By the id of the workflow."""
    found = dict[str, Unfinished]()

    def add(workflow_id: str, workflow: type, region: str, given: Input, start: Callable[[], Awaitable[None]]) -> None:
        found[workflow_id] = Unfinished(Identity(workflow.__name__, task_queue(region)), given, start)

    for award in await list_unfinished_awards(context):
        start = partial(lifecycles.start_voucher, award.id, award.region, AGAIN)
        add(voucher_workflow(award.id), VoucherLifecycle, award.region, LifecycleInput(award_id=award.id), start)
    for call in await list_calls(context):
        start = partial(lifecycles.start_calendar, call.id, call.region, AGAIN)
        add(call_workflow(call.id), CallCalendar, call.region, CallCalendarInput(call_id=call.id), start)
    for row in await list_running_milestones(context):
        kind = MilestoneKind(row.kind)
        start = partial(lifecycles.start_milestone, row.subject_id, kind, row.region)
        given = MilestoneInput(subject_id=row.subject_id, kind=kind)
        add(milestone_workflow(row.subject_id, kind), Milestone, row.region, given, start)
    return found


class Restarts:
    """The job of a worker. A workflow that started a moment ago may be missing in Temporal's list; to start it again changes nothing."""

    def __init__(self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook, lifecycles: Lifecycles) -> None:
        self.sessions, self.clock, self.policies, self.lifecycles = sessions, clock, policies, lifecycles
        self.genuine: set[str] = set()

    async def run(self) -> None:
        """One look, after a pause."""
        await asyncio.sleep(PAUSE_SECONDS)
        await self.look()
        await self.look_at_schedules()

    async def look(self) -> list[str]:
        """The ids of the workflows that were asked to start. What runs under such an id without being it is ended.

        The list is read before the rows: a workflow that has completed meanwhile has closed its row first.
        """
        running = await self.lifecycles.running()
        self.genuine &= {run.run_id for run in running.values()}
        async with self.sessions.begin() as session:
            unfinished = await list_unfinished(Context(session, SYSTEM, self.policies, self.clock.now), self.lifecycles)
        missing = [workflow for workflow in sorted(unfinished) if not await self._is_genuine(workflow, unfinished[workflow], running)]
        for workflow in missing:
            if workflow in running:
                await self.lifecycles.end_foreign(workflow)
            await unfinished[workflow].start()
        if missing:
            log.warning("workflows were not running", service="vouchers", workflows=missing)
        return missing

    async def _is_genuine(self, workflow: str, wanted: Unfinished, running: Mapping[str, Run]) -> bool:
        """Whether it runs, and is what the row calls for. Any client of Temporal may take its id, with another input or in
        ten years; how a run was started never changes, so it is read once."""
        run = running.get(workflow)
        if run is None or run.identity != wanted.identity:
            return False
        if run.run_id not in self.genuine and await self.lifecycles.was_started(workflow, run.run_id, wanted.input):
            self.genuine.add(run.run_id)
        return run.run_id in self.genuine

    async def look_at_schedules(self) -> list[str]:
        """The regions whose schedule was not as it has to be, and is so now."""
        regions = sorted({policy.region for policy in self.policies.all()})
        corrected = [region for region in regions if await self.lifecycles.schedule_retention(region, self.clock)]
        if corrected:
            log.warning("schedules of retention were missing, paused or changed", service="vouchers", regions=corrected)
        return corrected
