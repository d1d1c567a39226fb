"""Temporal has lost all data: each lifecycle continues from its voucher's row, whatever steps of its lost run are recorded."""

import asyncio
from uuid import UUID

import pytest

from deploy.embedded.servers import Temporal
from services.vouchers.commands.restart_lifecycles import restart_lifecycles
from services.vouchers.domain.stages import Stage
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.tables import StepRow
from services.vouchers.temporal import connect
from services.vouchers.temporal_worker import working
from services.vouchers.workflows.models import Position, Signal, SignalKind
from shared.kernel.ids import new_id
from tests.integration.vouchers.conftest import KORTRIJK, Desk

PUBLISHED = {Stage.OFFERED: "VoucherOffered", Stage.ISSUED: "VoucherIssued"}


@pytest.mark.parametrize(
    ("before", "signals", "after"),
    [
        (Stage.REQUESTED, [], Stage.REQUESTED),
        (Stage.REQUESTED, [SignalKind.RESERVED], Stage.OFFERED),
        (Stage.OFFERED, [SignalKind.RESERVED], Stage.OFFERED),
        (Stage.ACCEPTED, [SignalKind.RESERVED, SignalKind.ACCEPTED], Stage.ACCEPTED),
        (Stage.ACCEPTED, [SignalKind.RESERVED, SignalKind.ACCEPTED, SignalKind.COMMITTED], Stage.ISSUED),
        (Stage.ISSUED, [SignalKind.RESERVED, SignalKind.ACCEPTED, SignalKind.COMMITTED], Stage.ISSUED),
    ],
)
async def test_lifecycle_restarted_at_a_stage_continues_from_it(
    desk: Desk, temporal_server: Temporal, before: Stage, signals: list[SignalKind], after: Stage
) -> None:
    voucher = await desk.voucher(before)
    stale = Position(stage=Stage.REQUESTED).model_dump(mode="json")
    async with desk.sessions.begin() as session:
        session.add_all(
            StepRow(workflow_id=voucher_workflow(voucher.award_id), number=number, name="review_voucher", result=stale)
            for number in range(1, 9)
        )
    events = await desk.published(key=voucher.id)
    async with desk.sessions.begin() as session:
        restart = await restart_lifecycles(desk.context(session), desk.programme_clock)
    client = await connect(temporal_server.address, temporal_server.namespace, lazy=False)
    lifecycles = Lifecycles(client)
    await lifecycles.start_voucher(restart.lifecycles[0])
    for kind in signals:
        assert await lifecycles.signal_voucher(voucher.award_id, Signal(event_id=new_id(), kind=kind))
    async with working(client, [KORTRIJK], desk.activities):
        await until_stage(lifecycles, voucher.award_id, after)
    assert await desk.state(voucher.id) == after
    published = (await desk.published(key=voucher.id))[len(events) :]
    assert published == ([] if before is after else [PUBLISHED[after]])


async def until_stage(lifecycles: Lifecycles, award_id: UUID, stage: Stage) -> None:
    """Returns when the workflow itself reports this stage."""
    async with asyncio.timeout(30):
        while (status := await lifecycles.status(award_id)) is None or status.stage != stage:
            await asyncio.sleep(0.1)
