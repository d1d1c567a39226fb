"""Temporal has lost all data: each lifecycle continues from its voucher's row, whatever steps of its lost run are recorded."""

import asyncio
from uuid import UUID

import pytest
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

from deploy.embedded.servers import Temporal
from services.vouchers.commands.record_reply import record_reply
from services.vouchers.domain.stages import Stage
from services.vouchers.jobs.restarts import Restarts, list_unfinished
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.tables import StepRow
from services.vouchers.temporal import connect
from services.vouchers.temporal_worker import working
from services.vouchers.workflows.models import Position
from shared.contracts.payments import FundsCommitted, FundsReserved
from shared.identity.actor import SYSTEM
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
    await unfinished[voucher_workflow(voucher.award_id)]()
    async with working(client, [KORTRIJK], desk.activities):
        await until_stage(lifecycles, voucher.award_id, after)
    assert await desk.state(voucher.id) == after
    published = (await desk.published(key=voucher.id))[len(events) :]
    assert published == ([] if before is after else [PUBLISHED[after]])


@pytest.mark.parametrize("removed", [False, True])
async def test_lifecycle_that_somebody_ended_runs_again(desk: Desk, temporal_server: Temporal, removed: bool) -> None:
    """From where it stood; one that runs is left alone."""
    ended, other = await desk.voucher(Stage.ISSUED), await desk.voucher(Stage.ISSUED)
    client = await connect(temporal_server.address, temporal_server.namespace, SEALING, lazy=False)
    lifecycles = Lifecycles(client)
    restarts = Restarts(desk.sessions, desk.programme_clock, desk.policies, lifecycles)
    async with working(client, [KORTRIJK], desk.activities):
        every = set(await restarts.look())
        assert {voucher_workflow(voucher.award_id) for voucher in (ended, other)} < every  # and calendars
        await until_listed(lifecycles, every)
        assert await restarts.look() == []
        handle = client.get_workflow_handle(voucher_workflow(ended.award_id))
        await handle.terminate("by hand")
        if removed:
            request = DeleteWorkflowExecutionRequest(namespace=temporal_server.namespace, workflow_execution={"workflow_id": handle.id})
            await client.workflow_service.delete_workflow_execution(request)
        await until_listed(lifecycles, every - {handle.id}, absent=handle.id)
        assert await restarts.look() == [handle.id]
        await until_listed(lifecycles, every)
        await until_stage(lifecycles, ended.award_id, Stage.ISSUED)


async def until_listed(lifecycles: Lifecycles, present: set[str], absent: str = "") -> None:
    """Returns when Temporal's list has the ones and not the other."""
    async with asyncio.timeout(30):
        while not present <= (running := await lifecycles.running()) or absent in running:
            await asyncio.sleep(0.1)


async def until_stage(lifecycles: Lifecycles, award_id: UUID, stage: Stage) -> None:
    """Returns when the workflow itself reports this stage."""
    async with asyncio.timeout(30):
        while (status := await lifecycles.status(award_id)) is None or status.stage != stage:
            await asyncio.sleep(0.1)
