"""The one door to Temporal: starts workflows, tells them news, asks them where they stand.

Every call may be repeated. A Temporal that does not answer is `Unavailable`, for which an inbox waits.
"""

from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from services.vouchers.domain.stages import Standing
from services.vouchers.workflows.call_calendar import CallCalendar
from services.vouchers.workflows.milestone import Milestone
from services.vouchers.workflows.models import Award, Calendar, Deadline, News
from services.vouchers.workflows.voucher import VoucherLifecycle
from shared.kernel.errors import Unavailable

Answer = TypeVar("Answer")

_PATIENCE = timedelta(seconds=10)
_QUERY_PATIENCE = timedelta(seconds=3)


async def connect(address: str, namespace: str, *, lazy: bool = True) -> Client:
    """A client that connects when it is first used, so that a process starts before Temporal does."""
    return await Client.connect(address, namespace=namespace, data_converter=pydantic_data_converter, lazy=lazy)


def task_queue(region: str) -> str:
    return f"vouchers.{region}"


def voucher_workflow(award_id: UUID) -> str:
    return f"voucher-{award_id}"


def call_workflow(call_id: UUID) -> str:
    return f"call-{call_id}"


def milestone_workflow(subject_id: UUID, kind: str) -> str:
    return f"milestone-{subject_id}-{kind}"


class Lifecycles:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def start_voucher(self, award: Award) -> None:
        """Once for ever: an award that had its lifecycle gets no second one."""
        start = self.client.start_workflow(
            VoucherLifecycle.run,
            award,
            id=voucher_workflow(award.award_id),
            task_queue=task_queue(award.region),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            rpc_timeout=_PATIENCE,
        )
        await _started(start)

    async def start_calendar(self, calendar: Calendar) -> None:
        start = self.client.start_workflow(
            CallCalendar.run,
            calendar,
            id=call_workflow(calendar.call_id),
            task_queue=task_queue(calendar.region),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            rpc_timeout=_PATIENCE,
        )
        await _started(start)

    async def start_milestone(self, deadline: Deadline) -> None:
        """Starts it, or makes the running one look at its new deadline."""
        start = self.client.start_workflow(
            Milestone.run,
            deadline,
            id=milestone_workflow(deadline.subject_id, deadline.kind),
            task_queue=task_queue(deadline.region),
            start_signal="changed",
            rpc_timeout=_PATIENCE,
        )
        await _started(start)

    async def tell_voucher(self, award_id: UUID, news: News) -> bool:
        """False when the lifecycle has ended (or never was)."""
        handle = self.client.get_workflow_handle_for(VoucherLifecycle.run, voucher_workflow(award_id))
        return await _delivered(handle.signal(VoucherLifecycle.heard, news, rpc_timeout=_PATIENCE))

    async def tell_calendar(self, call_id: UUID) -> bool:
        handle = self.client.get_workflow_handle_for(CallCalendar.run, call_workflow(call_id))
        return await _delivered(handle.signal(CallCalendar.changed, rpc_timeout=_PATIENCE))

    async def tell_milestone(self, subject_id: UUID, kind: str) -> bool:
        handle = self.client.get_workflow_handle_for(Milestone.run, milestone_workflow(subject_id, kind))
        return await _delivered(handle.signal(Milestone.changed, rpc_timeout=_PATIENCE))

    async def standing(self, award_id: UUID) -> Standing | None:
        """What the running workflow says; None when it cannot be asked now (no worker, no Temporal, no such workflow)."""
        handle = self.client.get_workflow_handle_for(VoucherLifecycle.run, voucher_workflow(award_id))
        try:
            return await handle.query(VoucherLifecycle.standing, rpc_timeout=_QUERY_PATIENCE)
        except (RPCError, RuntimeError, WorkflowQueryFailedError, WorkflowQueryRejectedError):
            return None


async def _started(start: Awaitable[object]) -> None:
    try:
        await _reaching(start)
    except WorkflowAlreadyStartedError:
        return


async def _delivered(signal: Awaitable[None]) -> bool:
    try:
        await _reaching(signal)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


_ANSWERS = (RPCStatusCode.NOT_FOUND, RPCStatusCode.ALREADY_EXISTS, RPCStatusCode.INVALID_ARGUMENT)


async def _reaching(call: Awaitable[Answer]) -> Answer:
    """Errors that are no answer mean that Temporal cannot be reached; a lazy client reports a failed connection as RuntimeError."""
    try:
        return await call
    except RPCError as error:
        if error.status in _ANSWERS:
            raise
        raise Unavailable(f"Temporal does not answer ({error.status.name})") from error
    except RuntimeError as error:
        raise Unavailable("Temporal cannot be reached") from error
