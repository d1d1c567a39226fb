"""Temporal has lost everything: each lifecycle goes on from its voucher's row, whatever its lost run had noted."""

import asyncio
from uuid import UUID

import pytest

from deploy.embedded.servers import Temporal
from services.vouchers.commands.begin_anew import begin_anew
from services.vouchers.domain.stages import Stage
from services.vouchers.lifecycles import Lifecycles, connect, voucher_workflow
from services.vouchers.tables import StepRow
from services.vouchers.temporal_worker import working
from services.vouchers.workflows.models import Heard, News, Position
from shared.kernel.ids import new_id
from tests.integration.vouchers.conftest import KORTRIJK, Desk

NEW = {Stage.OFFERED: "VoucherOffered", Stage.ISSUED: "VoucherIssued"}


@pytest.mark.parametrize(
    ("stands", "heard", "goes_on_to"),
    [
        (Stage.REQUESTED, [], Stage.REQUESTED),
        (Stage.REQUESTED, [Heard.RESERVED], Stage.OFFERED),
        (Stage.OFFERED, [Heard.RESERVED], Stage.OFFERED),
        (Stage.ACCEPTED, [Heard.RESERVED, Heard.ACCEPTED], Stage.ACCEPTED),
        (Stage.ACCEPTED, [Heard.RESERVED, Heard.ACCEPTED, Heard.COMMITTED], Stage.ISSUED),
        (Stage.ISSUED, [Heard.RESERVED, Heard.ACCEPTED, Heard.COMMITTED], Stage.ISSUED),
    ],
)
async def test_it_passes_through_what_lies_behind_it_and_goes_on(
    desk: Desk, temporal_server: Temporal, stands: Stage, heard: list[Heard], goes_on_to: Stage
) -> None:
    voucher = await desk.voucher(stands)
    stale = Position(stage=Stage.REQUESTED).model_dump(mode="json")
    async with desk.sessions.begin() as session:
        session.add_all(
            StepRow(workflow_id=voucher_workflow(voucher.award_id), number=number, name="review_voucher", result=stale)
            for number in range(1, 9)
        )
    before = await desk.events(voucher.id)
    async with desk.sessions.begin() as session:
        unfinished = await begin_anew(desk.context(session), desk.clock)
    client = await connect(temporal_server.address, temporal_server.namespace, lazy=False)
    lifecycles = Lifecycles(client)
    await lifecycles.start_voucher(unfinished.awards[0])
    for news in heard:
        assert await lifecycles.tell_voucher(voucher.award_id, News(event_id=new_id(), heard=news))
    async with working(client, [KORTRIJK], desk.activities):
        await until_standing(lifecycles, voucher.award_id, goes_on_to)
    assert (await desk.row(voucher.id)).state == goes_on_to
    told = (await desk.events(voucher.id))[len(before) :]
    assert told == ([] if stands is goes_on_to else [NEW[goes_on_to]])


async def until_standing(lifecycles: Lifecycles, award_id: UUID, stage: Stage) -> None:
    """What the workflow itself says, once it has come to rest."""
    async with asyncio.timeout(30):
        while (standing := await lifecycles.standing(award_id)) is None or standing.stage != stage:
            await asyncio.sleep(0.1)
