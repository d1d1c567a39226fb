"""A step that is repeated, because after a crash it is unknown whether it was taken."""

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError
from temporalio.testing import ActivityEnvironment

from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.take_step import take_step
from services.vouchers.domain.stages import Stage
from services.vouchers.tables import VoucherRow
from services.vouchers.workflows.models import Position, Step
from shared.messaging.context import Context
from shared.policy.schema import Policy
from tests.integration.vouchers.conftest import APPLICANT, Desk


async def take(desk: Desk, name: str, step: Step) -> Position:
    position: Position = await ActivityEnvironment().run(getattr(desk.activities, name), step)
    return position


async def test_repeated_step_returns_its_first_result(desk: Desk) -> None:
    award, now = desk.award(), desk.clock.now()
    first = Step(award=award, number=1, at=now)
    second = Step(award=award, number=2, at=now)
    for _ in range(2):
        assert (await take(desk, "request_reservation", first)).stage is Stage.REQUESTED
    offered = await take(desk, "send_offer", second)
    async with desk.sessions.begin() as session:
        await answer_offer(desk.context(session, APPLICANT, now), award.voucher_id, accept=True)
    assert await take(desk, "send_offer", second) == offered
    assert await desk.published(key=award.voucher_id) == ["FundsReservationRequested", "VoucherOffered", "VoucherAccepted"]


async def test_step_that_crashed_before_its_commit_is_repeated(desk: Desk) -> None:
    award = desk.award()
    step = Step(award=award, number=2, at=desk.clock.now())
    await take(desk, "request_reservation", step.model_copy(update={"number": 1}))

    async def crash(context: Context, row: VoucherRow, policy: Policy) -> None:
        row.state = Stage.OFFERED
        raise RuntimeError("crash")

    with pytest.raises(RuntimeError):
        async with desk.sessions.begin() as session:
            await take_step(desk.context(session, now=step.at), "test", step, crash)
    assert (await take(desk, "send_offer", step)).stage is Stage.OFFERED
    assert (await desk.published(key=award.voucher_id)).count("VoucherOffered") == 1


async def test_step_is_never_dated_before_its_workflow_woke(desk: Desk) -> None:
    """A worker with a slow clock would otherwise find that a deadline has not come although its timer fired."""
    offer = await desk.voucher(Stage.OFFERED)
    assert offer.answer_by is not None
    award = desk.award(offer.application_id)
    late = await take(desk, "review_voucher", Step(award=award, number=3, at=offer.answer_by))
    assert late.stage is Stage.RELEASING


async def test_award_without_its_policy_file_fails_without_effect(desk: Desk) -> None:
    award = desk.award().model_copy(update={"policy_id": "be-kortrijk/creative-voucher/2025-12-01@000000000000"})
    with pytest.raises(Exception, match="There is no policy"):
        await take(desk, "request_reservation", Step(award=award, number=1, at=desk.clock.now()))
    assert await desk.published(key=award.voucher_id) == []


@pytest.mark.parametrize("name", ["request_reservation", "send_offer"])
async def test_step_taken_twice_at_once_has_one_effect(desk: Desk, name: str) -> None:
    """Two workers run it. The later one may be refused by the step's key; repeated, it finds the result."""
    for number in range(2, 22, 2):
        award, now = desk.award(), desk.clock.now()
        step = Step(award=award, number=number, at=now)
        if name == "send_offer":
            await take(desk, "request_reservation", Step(award=award, number=number - 1, at=now))
        answers = await asyncio.gather(*(take(desk, name, step) for _ in range(2)), return_exceptions=True)
        kept = await take(desk, name, step)
        assert any(answer == kept for answer in answers)
        assert all(answer == kept or isinstance(answer, IntegrityError) for answer in answers)
        assert len(await desk.published(key=award.voucher_id)) == (1 if name == "request_reservation" else 2)
