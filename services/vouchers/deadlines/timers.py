"""Starts and signals the workflows of the deadlines."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload, WorkflowType
from temporalio.api.enums.v1 import ScheduleOverlapPolicy as ScheduleOverlap
from temporalio.api.enums.v1 import TaskQueueKind, TaskQueueType, WorkflowExecutionStatus
from temporalio.api.schedule.v1 import IntervalSpec, ScheduleAction, SchedulePolicies
from temporalio.api.schedule.v1 import Schedule as ScheduleMessage
from temporalio.api.schedule.v1 import ScheduleSpec as ScheduleSpecMessage
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import NewWorkflowExecutionInfo, WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    ListWorkflowExecutionsRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
)
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.common import WorkflowIDReusePolicy

from services.vouchers.deadlines.workflows.call_calendar import CallCalendar
from services.vouchers.deadlines.workflows.milestone import Milestone
from services.vouchers.deadlines.workflows.models import CallCalendarInput, MilestoneInput, RetentionInput
from services.vouchers.deadlines.workflows.retention import Retention
from services.vouchers.temporal import ONCE, RPC_TIMEOUT, deliver_signal, start_once, task_queue
from services.vouchers.workflows.models import Input
from shared.kernel.clock import ProgrammeClock
from shared.kernel.vocabulary import MilestoneKind

CATCH_UP = timedelta(days=365)
"""Looks that were missed while Temporal was down are made up for so long; one look sees all cases, so more would change nothing."""
_VERSIONED = "TemporalWorkflowVersioningBehavior"
"""Temporal keeps it in its list of workflows for those that a worker with a version, or a client, has bound to versions."""


def call_workflow(call_id: UUID) -> str:
    """The workflow id of a call's calendar."""
    return f"call-{call_id}"


def milestone_workflow(subject_id: UUID, kind: MilestoneKind) -> str:
    """The workflow id of a single deadline."""
    return f"milestone-{subject_id}-{kind}"


class Identity(NamedTuple):
    """What a workflow is beside its id, which any client of Temporal may take first."""

    workflow_type: str
    task_queue: str
    held: bool = False
    """Somebody has paused it, or bound it to workers of a version. Ours have none."""


class Run(NamedTuple):
    """A workflow that runs: what it is, and which run of its id."""

    identity: Identity
    run_id: str


class Timers:
    """Every method may be called again with the same arguments. `Unavailable` while Temporal does not answer."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def running(self) -> dict[str, Run]:
        """All workflows that have not ended, by id, as Temporal lists them: it may be some seconds behind.

        As it answers: the library's own list fails on a workflow that is paused, or whose attributes it cannot read.
        """
        found, page = dict[str, Run](), b""
        while True:
            asked = ListWorkflowExecutionsRequest(
                namespace=self.client.namespace, query="CloseTime IS NULL", page_size=1_000, next_page_token=page
            )
            listed = await self.client.workflow_service.list_workflow_executions(asked, retry=True, timeout=RPC_TIMEOUT)
            found |= {one.execution.workflow_id: Run(_identity(one), one.execution.run_id) for one in listed.executions}
            page = listed.next_page_token
            if not page:
                return found

    async def was_started(self, workflow_id: str, run_id: str, wanted: Input) -> bool:
        """Whether a run was started as we start it: at once, not by a calendar of its own, and with this input."""
        events = self.client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history_events(page_size=1, rpc_timeout=RPC_TIMEOUT)
        async for event in events:
            started = event.workflow_execution_started_event_attributes
            delayed = started.cron_schedule or started.first_workflow_task_backoff.ToTimedelta()
            return not delayed and await self._is_input(started.input.payloads, wanted)
        return False

    async def _is_input(self, payloads: Sequence[Payload], wanted: Input | RetentionInput) -> bool:
        """Whether this is the input `wanted` and nothing else; not another one, several, or one that cannot be read."""
        try:
            return len(payloads) == 1 and await self.client.data_converter.decode(payloads, [type(wanted)]) == [wanted]
        except Exception:  # noqa: BLE001 - who wrote it chose what reading it raises
            return False

    async def end(self, workflow_id: str) -> None:
        """Ends what runs under an id of ours, and is not ours or not in order; nothing when it has ended by itself."""
        handle = self.client.get_workflow_handle(workflow_id)
        await deliver_signal(handle.terminate("not in order: started again from its row", rpc_timeout=RPC_TIMEOUT))

    async def start_calendar(self, call_id: UUID, region: str, reuse: WorkflowIDReusePolicy = ONCE) -> None:
        """Starts the calendar of a call, once."""
        start = self.client.start_workflow(
            CallCalendar.run,
            CallCalendarInput(call_id=call_id),
            id=call_workflow(call_id),
            task_queue=task_queue(region),
            id_reuse_policy=reuse,
            rpc_timeout=RPC_TIMEOUT,
        )
        await start_once(start)

    async def start_milestone(self, subject_id: UUID, kind: MilestoneKind, region: str) -> None:
        """Starts it, or makes the running one check its new deadline."""
        start = self.client.start_workflow(
            Milestone.run,
            MilestoneInput(subject_id=subject_id, kind=kind),
            id=milestone_workflow(subject_id, kind),
            task_queue=task_queue(region),
            start_signal="changed",
            rpc_timeout=RPC_TIMEOUT,
        )
        await start_once(start)

    async def schedule_retention(self, region: str, clock: ProgrammeClock) -> bool:
        """A look at the region's cases each programme day (where that is shorter than a minute: each minute), from now on.

        True when there was no such schedule, or a paused or another one, and now there is.
        """
        run = ScheduleActionStartWorkflow(
            Retention.run, RetentionInput(region=region), id=f"retention-{region}", task_queue=task_queue(region)
        )
        every = ScheduleIntervalSpec(every=max(clock.real_duration(timedelta(days=1)), timedelta(minutes=1)))
        schedule = Schedule(action=run, spec=ScheduleSpec(intervals=[every]), policy=SchedulePolicy(catchup_window=CATCH_UP))
        try:
            await self.client.create_schedule(run.id, schedule, trigger_immediately=True, rpc_timeout=RPC_TIMEOUT)
        except ScheduleAlreadyRunningError:
            handle = self.client.get_schedule_handle(run.id)
            known = (await handle.describe(rpc_timeout=RPC_TIMEOUT)).raw_description.schedule
            wanted = _wanted(run.id, run.task_queue, every.every)
            given = known.action.start_workflow.input.payloads
            if _facts(known) == _facts(wanted) and await self._is_input(given, RetentionInput(region=region)):
                return False
            await handle.update(lambda _: ScheduleUpdate(schedule), rpc_timeout=RPC_TIMEOUT)
        return True

    async def repeat_retention(self, region: str) -> None:
        """Another look at the region's cases, now. A look that does not end keeps the schedule from the next one: it is ended."""
        handle = self.client.get_schedule_handle(f"retention-{region}")
        await handle.trigger(overlap=ScheduleOverlapPolicy.TERMINATE_OTHER, rpc_timeout=RPC_TIMEOUT)

    async def take_back_queue(self, region: str) -> bool:
        """Lets the tasks of the region go to our workers, which have no version. True when somebody had sent them to those of a version."""
        service, namespace = self.client.workflow_service, self.client.namespace
        queue = TaskQueue(name=task_queue(region))
        asked = DescribeTaskQueueRequest(namespace=namespace, task_queue=queue, task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
        goes_to = (await service.describe_task_queue(asked, timeout=RPC_TIMEOUT)).versioning_info
        ramping, current = goes_to.ramping_deployment_version.deployment_name, goes_to.current_deployment_version.deployment_name
        if ramping:
            off = SetWorkerDeploymentRampingVersionRequest(namespace=namespace, deployment_name=ramping, ignore_missing_task_queues=True)
            await service.set_worker_deployment_ramping_version(off, timeout=RPC_TIMEOUT)
        if current:
            none = SetWorkerDeploymentCurrentVersionRequest(namespace=namespace, deployment_name=current, ignore_missing_task_queues=True)
            await service.set_worker_deployment_current_version(none, timeout=RPC_TIMEOUT)
        return bool(ramping or current)

    async def signal_calendar(self, call_id: UUID) -> bool:
        """Makes the calendar check its dates. False when it has ended."""
        handle = self.client.get_workflow_handle_for(CallCalendar.run, call_workflow(call_id))
        return await deliver_signal(handle.signal(CallCalendar.changed, rpc_timeout=RPC_TIMEOUT))

    async def signal_milestone(self, subject_id: UUID, kind: MilestoneKind) -> bool:
        """Makes the timer check its deadline. False when it has ended."""
        handle = self.client.get_workflow_handle_for(Milestone.run, milestone_workflow(subject_id, kind))
        return await deliver_signal(handle.signal(Milestone.changed, rpc_timeout=RPC_TIMEOUT))


def _identity(listed: WorkflowExecutionInfo) -> Identity:
    runs = listed.status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
    held = not runs or _VERSIONED in listed.search_attributes.indexed_fields
    return Identity(listed.type.name, listed.task_queue, held)


def _facts(schedule: ScheduleMessage) -> object:
    """All that Temporal says of a schedule but its input, whose encryption differs each time. Empty parts are none."""
    facts = _filled(MessageToDict(schedule))
    facts.get("action", {}).get("startWorkflow", {}).pop("input", None)
    return facts


def _filled(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    filled = {name: _filled(value) for name, value in part.items()}
    return {name: value for name, value in filled.items() if value not in ({}, [])}


def _wanted(workflow_id: str, queue: str, every: timedelta) -> ScheduleMessage:
    """As Temporal describes the schedule that `schedule_retention` makes."""
    start = NewWorkflowExecutionInfo(
        workflow_id=workflow_id,
        workflow_type=WorkflowType(name=Retention.__name__),
        task_queue=TaskQueue(name=queue, kind=TaskQueueKind.TASK_QUEUE_KIND_NORMAL),
    )
    interval, catch_up = Duration(), Duration()
    interval.FromTimedelta(every)
    catch_up.FromTimedelta(CATCH_UP)
    return ScheduleMessage(
        spec=ScheduleSpecMessage(interval=[IntervalSpec(interval=interval)]),
        action=ScheduleAction(start_workflow=start),
        policies=SchedulePolicies(overlap_policy=ScheduleOverlap.SCHEDULE_OVERLAP_POLICY_SKIP, catchup_window=catch_up),
    )
