"""What somebody who reaches Temporal's port can do to a running workflow, or to the queue of its tasks, without ending it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from google.protobuf.field_mask_pb2 import FieldMask
from temporalio import workflow
from temporalio.api.command.v1 import Command, StartTimerCommandAttributes
from temporalio.api.deployment.v1 import WorkerDeploymentVersion as Version
from temporalio.api.enums.v1 import CommandType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import VersioningOverride, WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import (
    PauseWorkflowExecutionRequest,
    PollWorkflowTaskQueueRequest,
    PollWorkflowTaskQueueResponse,
    RespondWorkflowTaskCompletedRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    UpdateWorkflowExecutionOptionsRequest,
)
from temporalio.client import Client
from temporalio.common import VersioningBehavior as Behavior
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

FOREIGN = WorkerDeploymentVersion(deployment_name="foreign", build_id="1")
Attack = Callable[[Client, str, str], Awaitable[None]]
"""Client, workflow id, task queue."""


@workflow.defn(name="VoucherLifecycle")
class Nothing:
    """Under the name of ours; it does nothing, without limit."""

    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(timedelta(days=3_650))


@asynccontextmanager
async def foreign_version(client: Client, queue: str) -> AsyncIterator[None]:
    """A worker with a version polls the queue. Temporal gives it only tasks that are bound to its version."""
    config = WorkerDeploymentConfig(FOREIGN, use_worker_versioning=True, default_versioning_behavior=Behavior.PINNED)
    async with Worker(client, task_queue=queue, workflows=[Nothing], workflow_runner=UnsandboxedWorkflowRunner(), deployment_config=config):
        yield


async def pin(client: Client, workflow_id: str, queue: str) -> None:
    """To a version whose only worker then goes away."""
    version = Version(deployment_name=FOREIGN.deployment_name, build_id=FOREIGN.build_id)
    pinned = VersioningOverride.PinnedOverride(behavior=VersioningOverride.PINNED_OVERRIDE_BEHAVIOR_PINNED, version=version)
    request = UpdateWorkflowExecutionOptionsRequest(
        namespace=client.namespace,
        workflow_execution={"workflow_id": workflow_id},
        workflow_execution_options=WorkflowExecutionOptions(versioning_override=VersioningOverride(pinned=pinned)),
        update_mask=FieldMask(paths=["versioning_override"]),
    )
    async with foreign_version(client, queue):
        await _until_known(lambda: client.workflow_service.update_workflow_execution_options(request))


async def divert(client: Client, queue: str) -> None:
    """All tasks of the queue go to the foreign version, of which no worker is left."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=FOREIGN.deployment_name, build_id=FOREIGN.build_id
    )
    async with foreign_version(client, queue):
        await _until_known(lambda: client.workflow_service.set_worker_deployment_current_version(request))


async def _until_known(ask: Callable[[], Awaitable[object]]) -> None:
    """Temporal takes a moment to know a version."""
    async with asyncio.timeout(30):
        while True:
            try:
                await ask()
            except RPCError:
                await asyncio.sleep(0.3)
            else:
                return


async def pause(client: Client, workflow_id: str, queue: str) -> None:
    await client.workflow_service.pause_workflow_execution(
        PauseWorkflowExecutionRequest(namespace=client.namespace, workflow_id=workflow_id, request_id=workflow_id)
    )


async def _task_of(client: Client, workflow_id: str, queue: str) -> PollWorkflowTaskQueueResponse:
    """Takes the workflow's next task as a worker would; tasks of others that come first are not answered."""
    request = PollWorkflowTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=queue), identity="foreign")
    async with asyncio.timeout(30):
        while True:
            task = await client.workflow_service.poll_workflow_task_queue(request)
            if task.workflow_execution.workflow_id == workflow_id:
                return task


async def answer_with_a_timer(client: Client, workflow_id: str, queue: str) -> None:
    """Our worker finds a timer that its code did not start: each of its tasks fails from now on."""
    timer = StartTimerCommandAttributes(timer_id="theirs", start_to_fire_timeout=timedelta(days=3_650))
    command = Command(command_type=CommandType.COMMAND_TYPE_START_TIMER, start_timer_command_attributes=timer)
    await _answer(client, workflow_id, queue, command)


async def answer_with_nothing(client: Client, workflow_id: str, queue: str) -> None:
    await _answer(client, workflow_id, queue)


async def _answer(client: Client, workflow_id: str, queue: str, *commands: Command) -> None:
    task = await _task_of(client, workflow_id, queue)
    await client.workflow_service.respond_workflow_task_completed(
        RespondWorkflowTaskCompletedRequest(
            namespace=client.namespace, task_token=task.task_token, identity="foreign", commands=list(commands)
        )
    )
