"""Starts, signals and queries the workflows of vouchers, and those of the deadlines."""

from datetime import timedelta
from uuid import UUID

from temporalio.client import WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError

from services.vouchers.deadlines.timers import Timers
from services.vouchers.domain.stages import VoucherStatus
from services.vouchers.temporal import ONCE, RPC_TIMEOUT, deliver_signal, start_once, task_queue
from services.vouchers.workflows.models import LifecycleInput, Signal
from services.vouchers.workflows.voucher import VoucherLifecycle

_QUERY_TIMEOUT = timedelta(seconds=3)


def voucher_workflow(award_id: UUID) -> str:
    """The workflow id of an award's lifecycle."""
    return f"voucher-{award_id}"


class Lifecycles(Timers):
    """Every method may be called again with the same arguments. `Unavailable` while Temporal does not answer."""

    async def start_voucher(self, award_id: UUID, region: str, reuse: WorkflowIDReusePolicy = ONCE) -> None:
        """Starts the lifecycle of an award, once: one that has completed gets no second run, one that failed or was terminated may."""
        start = self.client.start_workflow(
            VoucherLifecycle.run,
            LifecycleInput(award_id=award_id),
            id=voucher_workflow(award_id),
            task_queue=task_queue(region),
            id_reuse_policy=reuse,
            rpc_timeout=RPC_TIMEOUT,
        )
        await start_once(start)

    async def signal_voucher(self, award_id: UUID, signal: Signal) -> bool:
        """False when the lifecycle has ended or was never started."""
        handle = self.client.get_workflow_handle_for(VoucherLifecycle.run, voucher_workflow(award_id))
        return await deliver_signal(handle.signal(VoucherLifecycle.on_signal, signal, rpc_timeout=RPC_TIMEOUT))

    async def status(self, award_id: UUID) -> VoucherStatus | None:
        """The running workflow's own answer. None when it cannot be queried now: no worker, no Temporal, no such workflow."""
        handle = self.client.get_workflow_handle_for(VoucherLifecycle.run, voucher_workflow(award_id))
        try:
            return await handle.query(VoucherLifecycle.status, rpc_timeout=_QUERY_TIMEOUT)
        except (RPCError, RuntimeError, WorkflowQueryFailedError, WorkflowQueryRejectedError):
            return None
