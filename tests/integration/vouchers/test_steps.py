"""A step that is repeated, because after a crash it is unknown whether it was taken."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from temporalio.testing import ActivityEnvironment

from services.vouchers.activities import VoucherActivities
from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.record_reply import record_reply
from services.vouchers.commands.register_award import register_award
from services.vouchers.commands.take_step import Run, take_step
from services.vouchers.domain.stages import Stage
from services.vouchers.locks import lock_voucher
from services.vouchers.tables import VoucherRow
from services.vouchers.workflows.models import Position, Step
from shared.contracts.common import AwardTerms
from shared.contracts.evaluation import AwardGranted
from shared.contracts.payments import FundsReserved
from shared.contracts.vouchers import FundsReservationRequested
from shared.identity.actor import SYSTEM
from shared.kernel.errors import NotYet
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from shared.telemetry import tracing
from tests.integration.vouchers.conftest import APPLICANT, Desk, voucher_of
from tests.support.otlp import collecting


async def take(desk: Desk, name: str, step: Step) -> Position:
    position: Position = await ActivityEnvironment().run(getattr(desk.activities, name), step)
    return position


async def reserved(desk: Desk, award: AwardGranted) -> None:
    about = award.model_dump(include={"application_id", "call_id", "region", "amount_minor", "currency"})
    await desk.run(record_reply, SYSTEM, FundsReserved(**about, voucher_id=voucher_of(award), available_minor=1))


async def test_repeated_step_returns_its_first_result(desk: Desk) -> None:
    award = desk.award()
    voucher_id = await desk.register(award)
    first, second = (Step(award_id=award.award_id, number=number) for number in (1, 2))
    for _ in range(2):
        assert (await take(desk, "request_reservation", first)).stage is Stage.REQUESTED
    await reserved(desk, award)
    offered = await take(desk, "send_offer", second)
    await desk.run(answer_offer, APPLICANT, voucher_id, accept=True)
    assert (await take(desk, "send_offer", second)).stage is offered.stage
    assert await desk.published(key=voucher_id) == ["FundsReservationRequested", "VoucherOffered", "VoucherAccepted"]


async def test_terms_of_an_award_go_with_its_voucher(desk: Desk) -> None:
    award = desk.award()
    terms = AwardTerms(intensity_bp=desk.policy.value.intensity_bp, largest_minor=award.amount_minor)
    voucher_id = await desk.register(award.model_copy(update={"terms": terms}))
    await take(desk, "request_reservation", Step(award_id=award.award_id, number=1))
    [asked] = await desk.events(FundsReservationRequested, key=voucher_id)
    assert asked.body["terms"] == terms.model_dump() == (await desk.row(VoucherRow, voucher_id)).terms


async def test_step_of_a_lifecycle_takes_few_statements(desk: Desk) -> None:
    """A round trip costs about a millisecond of CPU, which the benchmark `lifecycles` shows."""
    award, sent, counted = desk.award(), list[str](), list[int]()
    await desk.open_call(award.call_id)
    event.listen(desk.sessions.kw["bind"].sync_engine, "before_cursor_execute", lambda *arguments: sent.append(arguments[2]))
    first, second = (Step(award_id=award.award_id, number=number) for number in (1, 2))
    registered = desk.run(register_award, SYSTEM, award)
    for work in (registered, take(desk, "request_reservation", first), reserved(desk, award), take(desk, "send_offer", second)):
        sent.clear()
        await work
        counted.append(len(sent))
    assert counted == [2, 3, 1, 4]  # call, award; voucher, event, step; voucher; voucher twice, event, step


async def test_steps_taken_together_keep_their_traces(desk: Desk) -> None:
    """What a step publishes belongs to the trace of its own workflow, though the transaction has steps of others; the first step too."""
    awards = [desk.award() for _ in range(3)]
    vouchers = [await desk.register(award) for award in awards]

    async def traced(name: str, award: AwardGranted, number: int) -> str:
        with tracing.span(name):
            await take(desk, name, Step(award_id=award.award_id, number=number))
            return tracing.traceparent() or ""

    with collecting():
        first = await asyncio.gather(*(traced("request_reservation", award, 10 + at) for at, award in enumerate(awards)))
        for award in awards:
            await reserved(desk, award)
        second = await asyncio.gather(*(traced("send_offer", award, 20 + at) for at, award in enumerate(awards)))
    for voucher_id, *expected in zip(vouchers, first, second, strict=True):
        found = [event.traceparent or "" for event in await desk.events(key=voucher_id)]
        assert [trace.split("-")[1] for trace in found] == [trace.split("-")[1] for trace in expected]


async def test_steps_asked_for_at_once_are_taken_together(desk: Desk) -> None:
    """In the statements of one. A step whose row is locked, or whose award is unknown, delays no other one."""
    awards = [desk.award() for _ in range(6)]
    vouchers = [await desk.register(award) for award in awards[:5]]
    first, second = ([Step(award_id=award.award_id, number=at + of) for at, award in enumerate(awards)] for of in (10, 20))
    sent: list[str] = []
    event.listen(desk.sessions.kw["bind"].sync_engine, "before_cursor_execute", lambda *arguments: sent.append(arguments[2]))
    await asyncio.gather(*(take(desk, "request_reservation", step) for step in first[:5]))
    assert len(sent) == 3
    for award in awards[:4]:
        await reserved(desk, award)
    async with desk.sessions.begin() as session:
        await lock_voucher(desk.context(session), vouchers[0])
        asked = [asyncio.create_task(take(desk, "send_offer", step)) for step in second]
        done = await asyncio.gather(*asked[1:], return_exceptions=True)
        assert not asked[0].done()
    assert (await asked[0]).stage is Stage.OFFERED
    stages = [getattr(one, "stage", type(one)) for one in done]
    assert stages == [Stage.OFFERED, Stage.OFFERED, Stage.OFFERED, Stage.REQUESTED, NotYet]
    assert [(await take(desk, "send_offer", step)).stage for step in second[:5]] == [Stage.OFFERED] * 4 + [Stage.REQUESTED]
    for voucher_id in vouchers[:4]:
        assert await desk.published(key=voucher_id) == ["FundsReservationRequested", "VoucherOffered"]


async def test_step_that_crashed_before_its_commit_is_repeated(desk: Desk) -> None:
    award = desk.award()
    voucher_id = await desk.register(award)
    step = Step(award_id=award.award_id, number=2)
    await take(desk, "request_reservation", step.model_copy(update={"number": 1}))
    await reserved(desk, award)

    async def crash(context: Context, row: VoucherRow, policy: Policy) -> None:
        row.state = Stage.OFFERED
        raise RuntimeError("crash")

    with pytest.raises(RuntimeError):
        async with desk.sessions.begin() as session:
            await take_step(desk.context(session), Run("test", "test"), step, crash)
    assert (await take(desk, "send_offer", step)).stage is Stage.OFFERED
    assert (await desk.published(key=voucher_id)).count("VoucherOffered") == 1


async def test_step_without_its_policy_file_fails_without_effect(desk: Desk) -> None:
    award = desk.award()
    voucher_id = await desk.register(award)
    activities = VoucherActivities(desk.sessions, desk.programme_clock, PolicyBook([]))
    with pytest.raises(Exception, match="There is no policy"):
        await ActivityEnvironment().run(activities.request_reservation, Step(award_id=award.award_id, number=1))
    assert await desk.published(key=voucher_id) == []


async def test_step_says_how_long_to_sleep_by_its_own_clock(desk: Desk) -> None:
    """So that a timer which fires early by this clock finds nothing due and sleeps for the rest."""
    offer = await desk.voucher(Stage.OFFERED)
    position = await take(desk, "review_voucher", Step(award_id=offer.award_id, number=3))
    assert position.wake_at is not None
    assert position.wake_in is not None
    left = position.wake_at - desk.programme_clock.now()
    assert abs(position.wake_in - left) < timedelta(seconds=5)


@pytest.mark.parametrize("name", ["request_reservation", "send_offer"])
async def test_step_taken_twice_at_once_has_one_effect(desk: Desk, name: str) -> None:
    """Two workers run it. The later one may be refused by the step's key; repeated, it finds the result."""
    for number in range(2, 22, 2):
        award = desk.award()
        voucher_id = await desk.register(award)
        step = Step(award_id=award.award_id, number=number)
        if name == "send_offer":
            await take(desk, "request_reservation", Step(award_id=award.award_id, number=number - 1))
            await reserved(desk, award)
        answers = await asyncio.gather(*(take(desk, name, step) for _ in range(2)), return_exceptions=True)
        kept = (await take(desk, name, step)).stage
        stages = [answer if isinstance(answer, BaseException) else answer.stage for answer in answers]
        assert kept in stages
        assert all(stage == kept or isinstance(stage, IntegrityError) for stage in stages)
        assert len(await desk.published(key=voucher_id)) == (1 if name == "request_reservation" else 2)
