"""Starts the workflows that rows call for and Temporal does not run: after a restore all of them, else those that somebody ended there.

A client of Temporal can also keep a workflow from going on: bind it to workers of another version, pause it, take its tasks. How is not
looked for: the rows say what has to be done by now, and what is left to do at two looks is not being done. It is started again.

A workflow that is started again reads its row, which holds all effects of the steps of its lost run.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
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
_AT_ONCE = 500

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A workflow that a row calls for, whether it runs or not, and how to start it. `left_to_do`: what its rows say that it has to do now,
    in the same words until it is done."""

    identity: Identity
    input: Input
    start: Callable[[], Awaitable[None]]
    left_to_do: str | None


async def list_unfinished(context: Context, lifecycles: Lifecycles) -> dict[str, Unfinished]:
    """By the id of the workflow."""
    found = dict[str, Unfinished]()

    def add(workflow_id: str, workflow: type, region: str, given: Input, start: Callable[[], Awaitable[None]], left: str | None) -> None:
        found[workflow_id] = Unfinished(Identity(workflow.__name__, task_queue(region)), given, start, left)

    for award in await list_unfinished_awards(context):
        start = partial(lifecycles.start_voucher, award.id, award.region, AGAIN)
        add(voucher_workflow(award.id), VoucherLifecycle, award.region, LifecycleInput(award_id=award.id), start, award.left_to_do)
    for call, following in await list_calls(context):
        start = partial(lifecycles.start_calendar, call.id, call.region, AGAIN)
        left = _left_of_deadline(context, following)
        add(call_workflow(call.id), CallCalendar, call.region, CallCalendarInput(call_id=call.id), start, left)
    for row in await list_running_milestones(context):
        kind = MilestoneKind(row.kind)
        start = partial(lifecycles.start_milestone, row.subject_id, kind, row.region)
        given, left = MilestoneInput(subject_id=row.subject_id, kind=kind), _left_of_deadline(context, row.due_at)
        add(milestone_workflow(row.subject_id, kind), Milestone, row.region, given, start, left)
    return found


def _left_of_deadline(context: Context, due_at: datetime | None) -> str | None:
    return f"due {due_at}" if due_at and due_at <= context.now else None


class Restarts:
    """The job of a worker. A workflow that started a moment ago may be missing in Temporal's list; to start it again changes nothing."""

    def __init__(self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook, lifecycles: Lifecycles) -> None:
        self.sessions, self.clock, self.policies, self.lifecycles = sessions, clock, policies, lifecycles
        self.genuine: set[str] = set()
        self.left: set[tuple[str, str]] = set()

    async def run(self) -> None:
        """One look, after a pause."""
        await asyncio.sleep(PAUSE_SECONDS)
        await self.look()

    async def look(self) -> list[str]:
        """The ids of the workflows that were asked to start. What runs under such an id without being it, or does not go on, is ended.

        The list is read before the rows: a workflow that has completed meanwhile has closed its row first.
        """
        running = await self.lifecycles.running()
        self.genuine &= {run.run_id for run in running.values()}
        async with self.sessions.begin() as session:
            unfinished = await list_unfinished(Context(session, SYSTEM, self.policies, self.clock.now), self.lifecycles)
        missing = unfinished.keys() - running.keys()
        foreign = {one for one in unfinished.keys() & running.keys() if not await self._is_genuine(one, unfinished[one], running)}
        stuck = self._stuck(unfinished) - missing - foreign
        for workflow in sorted(foreign | stuck):
            await self.lifecycles.end(workflow)
        started = sorted(missing | foreign | stuck)
        for workflow in started:
            await unfinished[workflow].start()
        _report(missing, foreign, stuck)
        return started

    def _stuck(self, unfinished: Mapping[str, Unfinished]) -> set[str]:
        """Those that had the same left to do at the look before. At most `_AT_ONCE`, so that a worker which is down does not cost a restart
        of everything; the others come at the next look."""
        left = {(one, known.left_to_do) for one, known in unfinished.items() if known.left_to_do is not None}
        again = sorted(left & self.left)[:_AT_ONCE]
        self.left = left - set(again)
        return {one for one, _ in again}

    async def _is_genuine(self, workflow: str, wanted: Unfinished, running: Mapping[str, Run]) -> bool:
        """Whether what runs is what the row calls for. Any client of Temporal may take its id, with another input or in
        ten years; how a run was started never changes, so it is read once."""
        run = running[workflow]
        if run.identity != wanted.identity:
            return False
        if run.run_id not in self.genuine and await self.lifecycles.was_started(workflow, run.run_id, wanted.input):
            self.genuine.add(run.run_id)
        return run.run_id in self.genuine


def _report(missing: set[str], foreign: set[str], stuck: set[str]) -> None:
    """A missing one is no alarm: it may have started while the list was read."""
    if missing:
        log.warning("workflows were not running", service="vouchers", workflows=sorted(missing))
    if foreign:
        log.error("workflows were not ours, bound to a version, or paused", service="vouchers", workflows=sorted(foreign))
    if stuck:
        log.error("workflows did not go on", service="vouchers", workflows=sorted(stuck))
