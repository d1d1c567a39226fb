"""Somebody at Temporal keeps a lifecycle from going on, and ends nothing: the rows say that something is left to do, and it is done."""

import asyncio
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from deploy.embedded.servers import Temporal
from services.vouchers.commands.record_reply import record_reply
from services.vouchers.domain.stages import Stage
from services.vouchers.jobs.restarts import Restarts
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.tables import VoucherRow
from services.vouchers.temporal import connect, task_queue
from services.vouchers.temporal_worker import working
from services.vouchers.workflows.models import Signal, SignalKind
from shared.contracts.payments import FundsCommitted
from shared.identity.actor import SYSTEM
from shared.kernel.ids import new_id
from tests.integration.vouchers.conftest import KORTRIJK, Desk
from tests.support.desk import SEALING
from tests.support.temporal_strangers import Attack, answer_with_a_timer, answer_with_nothing, pause, pin

QUEUE = task_queue(KORTRIJK)


async def restarts_of(desk: Desk, server: Temporal) -> Restarts:
    lifecycles = Lifecycles(await connect(server.address, server.namespace, SEALING, lazy=False))
    return Restarts(desk.sessions, desk.programme_clock, desk.policies, lifecycles)


async def commit(desk: Desk, restarts: Restarts, voucher: VoucherRow) -> None:
    """Payments has committed the money: the row says so, and the lifecycle is told."""
    about = voucher.model_dump(include={"application_id", "call_id", "region", "amount_minor", "currency"})
    await desk.run(record_reply, SYSTEM, FundsCommitted(voucher_id=voucher.id, **about))
    await restarts.lifecycles.signal_voucher(voucher.award_id, Signal(event_id=new_id(), kind=SignalKind.COMMITTED))


async def until_state(desk: Desk, voucher_id: UUID, state: Stage) -> None:
    async with asyncio.timeout(30):
        while await desk.state(voucher_id) != state:
            await asyncio.sleep(0.1)


async def until_listed(restarts: Restarts, workflow_id: str, listed: bool = True) -> None:
    async with asyncio.timeout(30):
        while (workflow_id in await restarts.lifecycles.running()) is not listed:
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("attack", [pin, pause, answer_with_a_timer, answer_with_nothing])
async def test_lifecycle_that_is_kept_from_going_on_goes_on(desk: Desk, temporal_server: Temporal, attack: Attack) -> None:
    """Two looks at most, with an alarm. Money is committed once, and no other event is published."""
    voucher = await desk.voucher(Stage.ACCEPTED)
    restarts, workflow_id = await restarts_of(desk, temporal_server), voucher_workflow(voucher.award_id)
    await restarts.look()
    await until_listed(restarts, workflow_id)
    await attack(restarts.lifecycles.client, workflow_id, QUEUE)
    published = await desk.published(key=voucher.id)
    async with working(restarts.lifecycles.client, [KORTRIJK], desk.activities):
        await commit(desk, restarts, voucher)
        await asyncio.sleep(3)
        assert await desk.state(voucher.id) == Stage.ACCEPTED  # the attack works
        with capture_logs() as logs:
            started = await restarts.look() + await restarts.look()
        assert workflow_id in started
        assert [one["log_level"] for one in logs if workflow_id in one["workflows"]][-1] == "error"
        await until_state(desk, voucher.id, Stage.ISSUED)
        await until_listed(restarts, workflow_id)
        assert await restarts.look() == []
    assert await desk.published(key=voucher.id) == [*published, "VoucherIssued"]
