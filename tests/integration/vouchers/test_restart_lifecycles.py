"""Temporal has lost all data: each lifecycle continues from its voucher's row, whatever steps of its lost run are recorded."""

import asyncio
from uuid import UUID

import pytest

from deploy.embedded.servers import Temporal
from services.vouchers.commands.record_reply import record_reply
from services.vouchers.commands.restart_lifecycles import restart_lifecycles
from services.vouchers.domain.stages import Stage
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
    restart = await desk.run(restart_lifecycles, SYSTEM)
    client = await connect(temporal_server.address, temporal_server.namespace, SEALING, lazy=False)
    lifecycles = Lifecycles(client)
    await lifecycles.start_voucher(restart.awards[0].id, restart.awards[0].region)
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
