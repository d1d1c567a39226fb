"""Temporal has lost all data: each lifecycle continues from its voucher's row, whatever steps of its lost run are recorded."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import (
    Client,
    ScheduleActionStartWorkflow,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import RawValue
from temporalio.worker import Worker

from deploy.embedded.servers import Temporal
from services.vouchers.commands.record_reply import record_reply
from services.vouchers.deadlines.timers import Run
from services.vouchers.deadlines.workflows.models import RetentionInput
from services.vouchers.domain.stages import Stage
from services.vouchers.jobs.regions import Regions
from services.vouchers.jobs.restarts import Restarts, list_unfinished
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.tables import StepRow
from services.vouchers.temporal import connect, task_queue
from services.vouchers.temporal_worker import UNSANDBOXED, working
from services.vouchers.workflows.models import LifecycleInput, Position
from shared.contracts.payments import FundsCommitted, FundsReserved
from shared.identity.actor import SYSTEM
from shared.kernel.ids import new_id
from tests.integration.vouchers.conftest import KORTRIJK, Desk
from tests.support.desk import SEALING

PUBLISHED = {Stage.OFFERED: "VoucherOffered", Stage.ISSUED: "VoucherIssued"}


@pytest.mark.parametrize(
    ("before", "reply", "after"),
    [
        (Stage.REQUESTED, None, Stage.REQUESTED),
        (Stage.REQUESTED, FundsReserved, Stage.OFFERED),
        (Stage.OFFERED, None, Stage.OFFERED),
        (Stage.ACCEPTED, None, Stage.ACCEPTED),
        (Stage.ACCEPTED, FundsCommitted, Stage.ISSUED),
        (Stage.ISSUED, None, Stage.ISSUED),
    ],
)
async def test_lifecycle_restarted_at_a_stage_continues_from_it(
    desk: Desk, temporal_server: Temporal, before: Stage, reply: type[FundsReserved] | type[FundsCommitted] | None, after: Stage
) -> None:
    """`reply`: what payments had replied, and the lost run had not acted upon. No signal is needed: the row holds it."""
    voucher = await desk.voucher(before)
    stale = Position(stage=Stage.REQUESTED).model_dump(mode="json")
    async with desk.sessions.begin() as session:
        run = {"workflow_id": voucher_workflow(voucher.award_id), "run_id": "lost"}
        session.add_all(StepRow(**run, number=number, name="review_voucher", result=stale) for number in range(1, 9))
    if reply is not None:
        about = voucher.model_dump(include={"application_id", "call_id", "region", "amount_minor", "currency"})
        more = {"available_minor": 1} if reply is FundsReserved else {}
        await desk.run(record_reply, SYSTEM, reply(voucher_id=voucher.id, **about, **more))
    events = await desk.published(key=voucher.id)
    client = await connect(temporal_server.address, temporal_server.namespace, SEALING, lazy=False)
    lifecycles = Lifecycles(client)
    unfinished = await desk.run(list_unfinished, SYSTEM, lifecycles)
    await unfinished[voucher_workflow(voucher.award_id)].start()
    async with working(client, [KORTRIJK], desk.activities):
        await until_stage(lifecycles, voucher.award_id, after)
    assert await desk.state(voucher.id) == after
    published = (await desk.published(key=voucher.id))[len(events) :]
    assert published == ([] if before is after else [PUBLISHED[after]])


async def remove(client: Client, workflow_id: str) -> None:
    request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution={"workflow_id": workflow_id})
    await client.workflow_service.delete_workflow_execution(request)


async def take(client: Client, workflow_id: str) -> None:
    await client.start_workflow("Nothing", id=workflow_id, task_queue="nobody")


async def take_to_another_queue(client: Client, workflow_id: str) -> None:
    await client.start_workflow("VoucherLifecycle", id=workflow_id, task_queue="nobody")


@workflow.defn(name="VoucherLifecycle")
class Nothing:
    @workflow.run
    async def run(self) -> None:
        return


async def take_for_another_award(client: Client, workflow_id: str) -> None:
    await client.start_workflow("VoucherLifecycle", LifecycleInput(award_id=new_id()), id=workflow_id, task_queue=task_queue(KORTRIJK))


async def take_unreadably(client: Client, workflow_id: str) -> None:
    payload = Payload(metadata={"encoding": b"binary/encrypted", "key-id": b"x"}, data=bytes(80))
    await (await Client.connect(client.service_client.config.target_host, namespace=client.namespace)).start_workflow(
        "VoucherLifecycle", RawValue(payload), id=workflow_id, task_queue=task_queue(KORTRIJK)
    )


async def take_in_an_unknown_encoding(client: Client, workflow_id: str) -> None:
    payload = Payload(metadata={"encoding": b"no/such"}, data=b"{}")
    await (await Client.connect(client.service_client.config.target_host, namespace=client.namespace)).start_workflow(
        "VoucherLifecycle", RawValue(payload), id=workflow_id, task_queue=task_queue(KORTRIJK)
    )


async def take_with_the_input(client: Client, workflow_id: str, *more: object, **how: Any) -> None:
    """As the platform itself would, but for `more` inputs and `how`."""
    given = LifecycleInput(award_id=UUID(workflow_id.removeprefix("voucher-")))
    await client.start_workflow("VoucherLifecycle", args=[given, *more], id=workflow_id, task_queue=task_queue(KORTRIJK), **how)


async def take_with_two_inputs(client: Client, workflow_id: str) -> None:
    await take_with_the_input(client, workflow_id, LifecycleInput(award_id=new_id()))


async def take_for_later(client: Client, workflow_id: str) -> None:
    await take_with_the_input(client, workflow_id, start_delay=timedelta(days=3_650))


async def take_by_a_calendar(client: Client, workflow_id: str) -> None:
    await take_with_the_input(client, workflow_id, cron_schedule="0 0 1 1 *")


TAKEN = [
    take, take_to_another_queue, take_for_another_award, take_unreadably, take_in_an_unknown_encoding, take_with_two_inputs, take_for_later,
    take_by_a_calendar,
]  # fmt: skip


async def complete(client: Client, workflow_id: str) -> None:
    async with Worker(client, task_queue="mine", workflows=[Nothing], workflow_runner=UNSANDBOXED):
        await client.execute_workflow("VoucherLifecycle", id=workflow_id, task_queue="mine")


@pytest.mark.parametrize("then", [None, remove, *TAKEN, complete])
async def test_lifecycle_that_somebody_ended_runs_again(
    desk: Desk, temporal_server: Temporal, then: Callable[[Client, str], Awaitable[None]] | None
) -> None:
    """From where it stood, also when its history was removed or its id taken; one that runs is left alone."""
    ended, other = await desk.voucher(Stage.ISSUED), await desk.voucher(Stage.ISSUED)
    client = await connect(temporal_server.address, temporal_server.namespace, SEALING, lazy=False)
    lifecycles = Lifecycles(client)
    restarts = Restarts(desk.sessions, desk.programme_clock, desk.policies, lifecycles)
    async with working(client, [KORTRIJK], desk.activities):
        every = set(await restarts.look())
        assert {voucher_workflow(voucher.award_id) for voucher in (ended, other)} < every  # and calendars
        await until(lambda running: every <= running.keys(), lifecycles)
        await desk.until_nothing_is_left_to_do(lifecycles)
        assert await restarts.look() == []
        workflow_id = voucher_workflow(ended.award_id)
        genuine = (await lifecycles.running())[workflow_id]
        await client.get_workflow_handle(workflow_id).terminate("by hand")
        if then is not None:
            await then(client, workflow_id)
        await until(lambda running: running.get(workflow_id) != genuine, lifecycles)
        assert await restarts.look() == [workflow_id]
        await until(lambda running: workflow_id in running and running[workflow_id].identity == genuine.identity, lifecycles)
        await until_stage(lifecycles, ended.award_id, Stage.ISSUED)


async def pause(handle: ScheduleHandle) -> None:
    await handle.pause()


async def delete(handle: ScheduleHandle) -> None:
    await handle.delete()


async def make_rare(handle: ScheduleHandle) -> None:
    def rare(known: ScheduleUpdateInput) -> ScheduleUpdate:
        known.description.schedule.spec.intervals = [ScheduleIntervalSpec(every=timedelta(days=9_000))]
        return ScheduleUpdate(known.description.schedule)

    await handle.update(rare)


async def begin_late(handle: ScheduleHandle) -> None:
    def late(known: ScheduleUpdateInput) -> ScheduleUpdate:
        known.description.schedule.spec.start_at = datetime(2199, 1, 1, tzinfo=UTC)
        return ScheduleUpdate(known.description.schedule)

    await handle.update(late)


async def aim_elsewhere(handle: ScheduleHandle) -> None:
    def elsewhere(known: ScheduleUpdateInput) -> ScheduleUpdate:
        action = known.description.schedule.action
        assert isinstance(action, ScheduleActionStartWorkflow)
        action.args = [RetentionInput(region="nowhere")]
        return ScheduleUpdate(known.description.schedule)

    await handle.update(elsewhere)


async def add_a_memo(handle: ScheduleHandle) -> None:
    def noted(known: ScheduleUpdateInput) -> ScheduleUpdate:
        action = known.description.schedule.action
        assert isinstance(action, ScheduleActionStartWorkflow)
        action.memo = {"note": "by somebody else"}
        return ScheduleUpdate(known.description.schedule)

    await handle.update(noted)


async def shorten_runs(handle: ScheduleHandle) -> None:
    def short(known: ScheduleUpdateInput) -> ScheduleUpdate:
        action = known.description.schedule.action
        assert isinstance(action, ScheduleActionStartWorkflow)
        action.execution_timeout = timedelta(seconds=1)
        return ScheduleUpdate(known.description.schedule)

    await handle.update(short)


async def stop_on_failure(handle: ScheduleHandle) -> None:
    def stopping(known: ScheduleUpdateInput) -> ScheduleUpdate:
        known.description.schedule.policy.pause_on_failure = True
        return ScheduleUpdate(known.description.schedule)

    await handle.update(stopping)


@pytest.mark.parametrize("change", [pause, delete, make_rare, begin_late, aim_elsewhere, add_a_memo, shorten_runs, stop_on_failure])
async def test_schedule_that_somebody_changed_is_put_right(
    desk: Desk, temporal_server: Temporal, change: Callable[[ScheduleHandle], Awaitable[None]]
) -> None:
    client = await connect(temporal_server.address, temporal_server.namespace, SEALING, lazy=False)
    regions = Regions(desk.sessions, desk.programme_clock, desk.policies, Lifecycles(client))
    await regions.look_at_schedules()
    assert await regions.look_at_schedules() == []
    handle = client.get_schedule_handle(f"retention-{KORTRIJK}")
    await change(handle)
    assert await regions.look_at_schedules() == [KORTRIJK]
    assert await regions.look_at_schedules() == []
    assert not (await handle.describe()).schedule.state.paused


async def until(condition: Callable[[Mapping[str, Run]], bool], lifecycles: Lifecycles) -> None:
    """Returns when the condition holds for Temporal's list."""
    async with asyncio.timeout(30):
        while not condition(await lifecycles.running()):
            await asyncio.sleep(0.1)


async def until_stage(lifecycles: Lifecycles, award_id: UUID, stage: Stage) -> None:
    """Returns when the workflow itself reports this stage."""
    async with asyncio.timeout(30):
        while (status := await lifecycles.status(award_id)) is None or status.stage != stage:
            await asyncio.sleep(0.1)
