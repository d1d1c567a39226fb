"""Somebody at Temporal keeps a lifecycle from going on, and ends nothing: the rows say that something is left to do, and it is done."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from deploy.embedded.servers import Temporal
from services.vouchers.commands.record_reply import record_reply
from services.vouchers.deadlines.commands.set_milestone import Deadline, set_milestone
from services.vouchers.deadlines.timers import call_workflow, milestone_workflow
from services.vouchers.domain.stages import Stage
from services.vouchers.jobs.regions import Regions
from services.vouchers.jobs.restarts import Restarts, list_unfinished
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.tables import VoucherRow
from services.vouchers.temporal import connect, task_queue
from services.vouchers.temporal_worker import working
from services.vouchers.workflows.models import Signal, SignalKind
from shared.contracts.payments import FundsCommitted
from shared.contracts.vouchers import MilestoneReached
from shared.identity.actor import SYSTEM
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MilestoneKind
from shared.policy.schema import Policy
from tests.integration.vouchers.conftest import BOOK, KORTRIJK, Desk
from tests.support.desk import SEALING
from tests.support.policies import MONEY, policy_named
from tests.support.temporal_strangers import Attack, answer_with_a_timer, answer_with_nothing, divert, pause, pin

QUEUE = task_queue(KORTRIJK)


def policy_with_terms() -> Policy:
    """It sets terms of retention."""
    return policy_named(BOOK, MONEY[KORTRIJK], date(2027, 2, 1))


@pytest_asyncio.fixture(autouse=True)
async def nothing_left(temporal_server: Temporal) -> AsyncIterator[None]:
    """The tests of a process share the server: what one leaves is work for the workers of the next."""
    lifecycles = Lifecycles(await connect(temporal_server.address, temporal_server.namespace, SEALING, lazy=False))
    for at in ("before", "after"):
        for workflow_id in await lifecycles.running():
            await lifecycles.end(workflow_id)
        if at == "before":
            yield


async def restarts_of(desk: Desk, server: Temporal) -> Restarts:
    lifecycles = Lifecycles(await connect(server.address, server.namespace, SEALING, lazy=False))
    return Restarts(desk.sessions, desk.programme_clock, desk.policies, lifecycles)


async def commit(desk: Desk, restarts: Restarts, voucher: VoucherRow) -> None:
    """Payments has committed the money: the row says so, and the lifecycle is signalled."""
    about = voucher.model_dump(include={"application_id", "call_id", "region", "amount_minor", "currency"})
    await desk.run(record_reply, SYSTEM, FundsCommitted(voucher_id=voucher.id, **about))
    await restarts.lifecycles.signal_voucher(voucher.award_id, Signal(event_id=new_id(), kind=SignalKind.COMMITTED))


async def recorded(desk: Desk, voucher_id: UUID) -> tuple[dict[str, Any], list[str]]:
    """The voucher's row, and the events of its log."""
    row: VoucherRow = await desk.row(VoucherRow, voucher_id)
    return row.model_dump(), await desk.published(key=voucher_id)


async def until_state(desk: Desk, voucher_id: UUID, state: Stage) -> None:
    async with asyncio.timeout(30):
        while state not in [row.state for row in await desk.rows(VoucherRow) if row.id == voucher_id]:
            await asyncio.sleep(0.1)


async def until_listed(restarts: Restarts, workflow_id: str, listed: bool = True) -> None:
    async with asyncio.timeout(30):
        while (workflow_id in await restarts.lifecycles.running()) is not listed:
            await asyncio.sleep(0.1)


@pytest.mark.parametrize(("attack", "looks"), [(pin, 1), (answer_with_a_timer, 2)])
async def test_lifecycle_that_is_kept_from_going_on_goes_on(desk: Desk, temporal_server: Temporal, attack: Attack, looks: int) -> None:
    """After one look where the list shows it, else after two, with an alarm. Money is committed once, and no other event is published."""
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
            found = [workflow_id in await restarts.look() for _ in range(looks)]
        assert found == [False, True][-looks:]
        assert "error" in [one["log_level"] for one in logs if workflow_id in one["workflows"]]
        await until_state(desk, voucher.id, Stage.ISSUED)
        await until_listed(restarts, workflow_id)
        await desk.until_nothing_is_left_to_do(restarts.lifecycles)
        assert await restarts.look() == []
    assert await desk.published(key=voucher.id) == [*published, "VoucherIssued"]


class Pausing(Temporal):
    """With what a Temporal beside this machine may have switched on."""

    def command(self) -> list[str]:
        return [*super().command(), "--dynamic-config-value", "frontend.WorkflowPauseEnabled=true"]


async def test_lifecycle_that_somebody_paused_goes_on(desk: Desk, server_folder: Path) -> None:
    with Pausing(server_folder / "pausing") as server:
        await test_lifecycle_that_is_kept_from_going_on_goes_on(desk, server, pause, 1)


@pytest.mark.parametrize("answer", [answer_with_a_timer, answer_with_nothing])
async def test_lifecycle_whose_first_task_was_taken_begins(desk: Desk, temporal_server: Temporal, answer: Attack) -> None:
    """There is an award, and no voucher."""
    award = desk.award()
    voucher_id = await desk.register(award)
    restarts, workflow_id = await restarts_of(desk, temporal_server), voucher_workflow(award.award_id)
    await restarts.look()
    await answer(restarts.lifecycles.client, workflow_id, QUEUE)
    await until_listed(restarts, workflow_id)
    assert workflow_id in await restarts.look()
    async with working(restarts.lifecycles.client, [KORTRIJK], desk.activities):
        await until_state(desk, voucher_id, Stage.REQUESTED)
    assert await desk.published(key=voucher_id) == ["FundsReservationRequested"]


async def test_lifecycle_that_waits_is_left_alone(desk: Desk, temporal_server: Temporal) -> None:
    """At each stage, in any number of looks, by a worker that works: nothing is started again."""
    for stage in (Stage.REQUESTED, Stage.OFFERED, Stage.ACCEPTED, Stage.ISSUED):
        await desk.voucher(stage)
    restarts = await restarts_of(desk, temporal_server)
    async with working(restarts.lifecycles.client, [KORTRIJK], desk.activities):
        for workflow_id in await restarts.look():
            await until_listed(restarts, workflow_id)
        await desk.until_nothing_is_left_to_do(restarts.lifecycles)
        assert [await restarts.look() for _ in range(3)] == [[], [], []]


async def test_restart_repeats_no_effect_and_moves_no_date(desk: Desk, temporal_server: Temporal) -> None:
    """Of vouchers that are at work: the same rows and events, whatever was in flight."""
    vouchers = [await desk.voucher(stage) for stage in (Stage.REQUESTED, Stage.OFFERED, Stage.ACCEPTED, Stage.ISSUED) for _ in range(3)]
    restarts = await restarts_of(desk, temporal_server)
    lifecycles = restarts.lifecycles
    before = [await recorded(desk, one.id) for one in vouchers]
    async with working(lifecycles.client, [KORTRIJK], desk.activities):
        await restarts.look()
        unfinished = await desk.run(list_unfinished, SYSTEM, lifecycles)
        for _ in range(3):
            for workflow_id, known in unfinished.items():
                await lifecycles.end(workflow_id)
                await known.start()
        for voucher in vouchers:
            async with asyncio.timeout(30):
                while (status := await lifecycles.status(voucher.award_id)) is None or status.stage != voucher.state:
                    await asyncio.sleep(0.1)
    assert [await recorded(desk, one.id) for one in vouchers] == before


async def test_call_and_deadline_that_do_not_go_on_go_on(desk: Desk, temporal_server: Temporal) -> None:
    """Of both other kinds: the tasks of a call's calendar and of a single deadline were answered by somebody else."""
    case = new_id()
    deadline = Deadline(MilestoneKind.CLAIM_CHECK_DUE, case, case, KORTRIJK, desk.policy.id)
    await desk.run(set_milestone, SYSTEM, deadline, due_at=desk.programme_clock.now() + timedelta(days=1), set_at=None)
    await desk.open_call(call_id := new_id())
    restarts = await restarts_of(desk, temporal_server)
    ids = [call_workflow(call_id), milestone_workflow(case, MilestoneKind.CLAIM_CHECK_DUE)]
    await restarts.look()
    for workflow_id in ids:
        await until_listed(restarts, workflow_id)
        await answer_with_a_timer(restarts.lifecycles.client, workflow_id, QUEUE)
    assert await restarts.look() == [ids[0]]  # the call has closed already, the deadline is a day ahead
    restarts.clock = replace(desk.programme_clock, programme=desk.programme_clock.programme + timedelta(days=2))
    await until_listed(restarts, ids[0])
    assert await restarts.look() == []
    assert ids[1] in await restarts.look()


async def test_tasks_sent_to_a_version_come_to_us_again(desk: Desk, temporal_server: Temporal) -> None:
    """For the whole queue, also for what is started later."""
    restarts = await restarts_of(desk, temporal_server)
    regions = Regions(desk.sessions, desk.programme_clock, desk.policies, restarts.lifecycles)
    assert await regions.look_at_queues() == []
    await divert(restarts.lifecycles.client, QUEUE)
    award = desk.award()
    voucher_id = await desk.register(award)
    async with working(restarts.lifecycles.client, [KORTRIJK], desk.activities):
        await restarts.lifecycles.start_voucher(award.award_id, KORTRIJK)
        await asyncio.sleep(2)
        with capture_logs() as logs:
            assert await regions.look_at_queues() == [KORTRIJK]
        assert [one["log_level"] for one in logs] == ["error"]
        assert await regions.look_at_queues() == []
        await restarts.look()
        await restarts.look()
        await until_state(desk, voucher_id, Stage.REQUESTED)


async def test_retention_whose_look_does_not_end_is_repeated(desk: Desk, temporal_server: Temporal) -> None:
    """The schedule starts no other look while one runs."""
    restarts = await restarts_of(desk, temporal_server)
    regions = Regions(desk.sessions, desk.programme_clock, desk.policies, restarts.lifecycles)
    await desk.open_call(new_id(), policy_with_terms())
    await regions.look_at_schedules()
    regions.clock = replace(desk.programme_clock, programme=desk.programme_clock.programme + timedelta(days=3))
    assert await regions.look_at_retention() == []
    with capture_logs() as logs:
        assert await regions.look_at_retention() == [KORTRIJK]
    assert [one["log_level"] for one in logs] == ["error"]
    async with working(restarts.lifecycles.client, [KORTRIJK], desk.activities), asyncio.timeout(30):
        while not await desk.events(MilestoneReached):
            await asyncio.sleep(0.1)
    assert [row.body["kind"] for row in await desk.events(MilestoneReached)] == [MilestoneKind.RETENTION_DUE]
