"""The steps of the workflows: each is one command in one transaction. All are local: they use the service's own database only.

A step takes nothing from its workflow but the key of the row to look at. Who, how much and by which policy stands in the rows; the
instant comes from this process's clock.
"""

import contextvars
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError

from services.vouchers.commands.close_voucher import close_voucher
from services.vouchers.commands.issue_voucher import issue_voucher
from services.vouchers.commands.review_voucher import review_voucher
from services.vouchers.commands.send_offer import send_offer
from services.vouchers.commands.take_step import Change, Run, ToTake, take_first_step, take_free_steps, take_step
from services.vouchers.deadlines.commands.announce_call_dates import announce_call_dates
from services.vouchers.deadlines.commands.announce_retention import announce_retention
from services.vouchers.deadlines.commands.reach_milestone import reach_milestone
from services.vouchers.deadlines.workflows.models import DueCheck, MilestoneCheck, NextCheck, RetentionInput
from services.vouchers.deadlines.workflows.steps import DeadlineSteps
from services.vouchers.workflows.models import Position, Step
from services.vouchers.workflows.steps import VoucherSteps
from shared.database.engine import Sessions
from shared.database.together import Asked, Together
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.kernel.errors import NotYet
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook
from shared.telemetry import tracing

ATTEMPTS_WITHOUT_A_ROW = 15
"""A workflow may run before the inbox has committed the row that it is about; with the pauses of `workflows/timing.py` these attempts
take a minute and a half. Then the workflow fails, which its list in Temporal and `triptych verify` show. When the row comes later all
the same, its event starts the workflow again."""

Taken = list[tuple[Asked[ToTake, Position], Position]]


class VoucherActivities(VoucherSteps, DeadlineSteps):
    def __init__(
        self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook, attempts_without_a_row: int = ATTEMPTS_WITHOUT_A_ROW
    ) -> None:
        self.sessions, self.clock, self.policies, self.attempts_without_a_row = sessions, clock, policies, attempts_without_a_row
        self.steps = Together(sessions, self._take_together)

    @property
    def all(self) -> list[Callable[..., Any]]:
        """For a worker's `activities`."""
        steps = [self.request_reservation, self.send_offer, self.review_voucher, self.issue_voucher, self.close_voucher]
        return [*steps, self.announce_call_dates, self.reach_milestone, self.announce_retention]

    @activity.defn
    async def request_reservation(self, step: Step) -> Position:
        return await self._take(step, review_voucher, is_first=True)

    @activity.defn
    async def send_offer(self, step: Step) -> Position:
        return await self._take(step, send_offer)

    @activity.defn
    async def review_voucher(self, step: Step) -> Position:
        return await self._take(step, review_voucher)

    @activity.defn
    async def issue_voucher(self, step: Step) -> Position:
        return await self._take(step, issue_voucher)

    @activity.defn
    async def close_voucher(self, step: Step) -> Position:
        return await self._take(step, close_voucher)

    @activity.defn
    async def announce_call_dates(self, check: DueCheck) -> NextCheck:
        async with self._transaction() as context:
            return self._next_check(await announce_call_dates(context, check.subject_id))

    @activity.defn
    async def reach_milestone(self, check: MilestoneCheck) -> NextCheck:
        async with self._transaction() as context:
            return self._next_check(await reach_milestone(context, check.subject_id, check.kind))

    @activity.defn
    async def announce_retention(self, retention: RetentionInput) -> NextCheck:
        async with self._transaction() as context:
            await announce_retention(context, retention.region)
        return self._next_check(None)

    async def _take(self, step: Step, change: Change, *, is_first: bool = False) -> Position:
        """Together with steps of other lifecycles; by itself where that cannot be."""
        within = contextvars.copy_context() if tracing.is_on() else None
        position = await self.steps.ask(ToTake(_run(), step, change, is_first, within))
        if position is None:
            async with self._transaction() as context:
                position = await (take_first_step if is_first else take_step)(context, _run(), step, change)
        return self._with_sleep(position)

    async def _take_together(self, session: AsyncSession, waiting: Sequence[Asked[ToTake, Position]]) -> Taken:
        """One of each award; another one is taken by itself, which waits for the row."""
        first = list({one.what.step.award_id: one for one in reversed(waiting)}.values())
        positions = await take_free_steps(self._context(session), [one.what for one in first])
        return [(one, position) for one, position in zip(first, positions, strict=True) if position is not None]

    def _with_sleep(self, position: Position) -> Position:
        """Counted now, by the clock that will decide: a timer that fires early by it, because another machine's clock is ahead, finds
        nothing due, and the workflow sleeps for the rest."""
        left = position.wake_at and self.clock.real_time_left(position.wake_at)
        return position.model_copy(update={"wake_in": left, "one_timer": True})

    def _next_check(self, at: datetime | None) -> NextCheck:
        return NextCheck(check_at=at, wake_in=at and self.clock.real_time_left(at))

    def _context(self, session: AsyncSession) -> Context:
        return Context(session, SYSTEM, self.policies, self.clock.now)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Context]:
        try:
            async with self.sessions.begin() as session:
                yield self._context(session)
        except NotYet as missing:
            info = activity.info()
            if info.attempt < self.attempts_without_a_row:
                raise
            structlog.get_logger().error("workflow without a row", workflow_id=info.workflow_id, awaits=missing.awaits)
            raise ApplicationError(f"no row: {missing}", type="NoRow", non_retryable=True) from missing


def _run() -> Run:
    info = activity.info()
    return Run(info.workflow_id or "", info.workflow_run_id or "")
