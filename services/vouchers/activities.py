"""The steps of the workflows: each is one command in one transaction. All are local: they use the service's own database only."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from temporalio import activity

from services.vouchers.commands.close_voucher import close_voucher
from services.vouchers.commands.issue_voucher import issue_voucher
from services.vouchers.commands.review_voucher import review_voucher
from services.vouchers.commands.send_offer import send_offer
from services.vouchers.commands.take_step import Change, take_first_step, take_step
from services.vouchers.deadlines.commands.announce_call_dates import announce_call_dates
from services.vouchers.deadlines.commands.reach_milestone import reach_milestone
from services.vouchers.deadlines.workflows.models import DueCheck, MilestoneCheck, NextCheck
from services.vouchers.deadlines.workflows.steps import DeadlineSteps
from services.vouchers.workflows.models import Position, Step
from services.vouchers.workflows.steps import VoucherSteps
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook


class VoucherActivities(VoucherSteps, DeadlineSteps):
    def __init__(self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook) -> None:
        self.sessions, self.clock, self.policies = sessions, clock, policies

    @property
    def all(self) -> list[Callable[..., Any]]:
        """For a worker's `activities`."""
        steps = [self.request_reservation, self.send_offer, self.review_voucher, self.issue_voucher, self.close_voucher]
        return [*steps, self.announce_call_dates, self.reach_milestone]

    @activity.defn
    async def request_reservation(self, step: Step) -> Position:
        async with self._transaction(step.at) as context:
            return await take_first_step(context, _workflow_id(), step, review_voucher)

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
        async with self._transaction(check.at) as context:
            return NextCheck(check_at=await announce_call_dates(context, check.subject_id))

    @activity.defn
    async def reach_milestone(self, check: MilestoneCheck) -> NextCheck:
        async with self._transaction(check.at) as context:
            return NextCheck(check_at=await reach_milestone(context, check.subject_id, check.kind))

    async def _take(self, step: Step, change: Change) -> Position:
        async with self._transaction(step.at) as context:
            return await take_step(context, _workflow_id(), step, change)

    @asynccontextmanager
    async def _transaction(self, at: datetime) -> AsyncIterator[Context]:
        """A context whose `now` is never before `at`, when the workflow woke: the clock of this machine may be slow."""
        async with self.sessions.begin() as session:
            yield Context(session, SYSTEM, self.policies, lambda: max(at, self.clock.now()))


def _workflow_id() -> str:
    return activity.info().workflow_id or ""
