"""Calls and vouchers of hours with a mentor, for the desk of vouchers: the policy `mentor-hours` of Kortrijk."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.confirm_capacity import confirm_capacity
from services.vouchers.commands.issue_voucher import issue_voucher
from services.vouchers.commands.plan_session import Plan, plan_session
from services.vouchers.commands.record_aid_reply import record_aid_reply
from services.vouchers.commands.register_award import register_award
from services.vouchers.commands.send_offer import send_offer
from services.vouchers.deadlines.commands.plan_call import plan_call
from services.vouchers.domain.stages import Stage
from services.vouchers.locks import lock_voucher
from services.vouchers.steps.capacity import supply_capacity
from services.vouchers.steps.reservation import request_reservation
from services.vouchers.tables import SessionRow, VoucherRow
from shared.contracts.aid import AidReservationRefused, AidReserved
from shared.contracts.applications import CallPublished
from shared.contracts.evaluation import AwardGranted
from shared.identity.actor import SYSTEM, Actor, Role, grants
from shared.kernel.errors import Contradiction
from shared.kernel.ids import derive_id, new_id
from shared.kernel.vocabulary import SelectionMethod
from tests.integration.vouchers.conftest import APPLICANT, BOOK, KORTRIJK, OFFICER, ORGANISATION, Desk

POLICY = next(policy for policy in BOOK.all() if policy.scheme == "mentor-hours")
assert POLICY.benefit is not None
BENEFIT = POLICY.benefit
HOST = UUID(int=88)
MENTOR = Actor("mentor", grants({Role.APPLICANT}, {KORTRIJK}), HOST)
OTHER_OFFICER = Actor("officer-2", grants({Role.OFFICER}, {KORTRIJK}))
FINANCE = Actor("finance", grants({Role.FINANCE}, {KORTRIJK}))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def open_call(desk: Desk, awards: int = 2, *, confirmed: bool = True, publisher: str = "officer") -> UUID:
    """A call whose capacity comes to so many vouchers."""
    now, call_id = desk.clock.now(), new_id()
    call = CallPublished(
        call_id=call_id, region=KORTRIJK, slug="mentor-hours-1", scheme=POLICY.scheme, policy_id=POLICY.id,
        selection_method=SelectionMethod.FIRST_COME, currency="EUR", envelope_minor=awards * BENEFIT.award_minor, opens_at=now,
        closes_at=now + DAY, evaluation_due_at=now + DAY, reserve_list_ends_at=now + 9 * DAY,
    )  # fmt: skip
    await desk.run(plan_call, SYSTEM, call)
    async with desk.sessions.begin() as database:
        await supply_capacity(replace(desk.context(database), event_actor=publisher), call)
    if confirmed:
        await desk.run(confirm_capacity, FINANCE, call_id)
    return call_id


def aid_reply(row: VoucherRow, left_minor: int | None = None) -> AidReserved | AidReservationRefused:
    """What payments replies: the ceiling allows the offer, or leaves so much."""
    about = {"voucher_id": row.id, "application_id": row.application_id, "call_id": row.call_id, "region": row.region}
    worth = {"amount_minor": row.amount_minor, "currency": row.currency}
    if left_minor is None:
        return AidReserved(**about, **worth)
    return AidReservationRefused(**about, **worth, rule="de-minimis-ceiling", headroom_minor=left_minor)


async def request_units(desk: Desk, call_id: UUID, organisation: UUID = ORGANISATION, *, answered: bool = True) -> VoucherRow:
    """The first step of the lifecycle of an award, and what payments replies about its aid."""
    application = new_id()
    award = AwardGranted(
        award_id=derive_id(application, "award", 1), application_id=application, call_id=call_id, region=KORTRIJK, scheme=POLICY.scheme,
        policy_id=POLICY.id, organisation_id=organisation, amount_minor=BENEFIT.award_minor, currency="EUR", grant_number=1, rank=1,
        from_reserve=False,
    )  # fmt: skip
    await desk.run(register_award, SYSTEM, award)
    row = await desk.run(request_reservation, SYSTEM, award.award_id)
    assert row is not None
    if answered:
        with suppress(Contradiction):  # it waits for the confirmation of the capacity, or was refused
            await desk.run(record_aid_reply, SYSTEM, aid_reply(row))
    known: VoucherRow = await desk.row(VoucherRow, row.id)
    return known


async def voucher_of_hours(desk: Desk, call_id: UUID, stage: Stage = Stage.ISSUED) -> VoucherRow:
    """Offered, accepted or issued."""
    voucher_id = (await request_units(desk, call_id)).id
    await desk.run(_locked, SYSTEM, voucher_id, send_offer)
    if stage is not Stage.OFFERED:
        await desk.run(answer_offer, APPLICANT, voucher_id, accept=True)
    if stage is Stage.ISSUED:
        await desk.run(_locked, SYSTEM, voucher_id, issue_voucher)
    row: VoucherRow = await desk.row(VoucherRow, voucher_id)
    assert row.state == stage
    return row


async def step(desk: Desk, voucher_id: UUID, command: Any) -> VoucherRow:
    """A step of the lifecycle, such as `review_voucher`."""
    await desk.run(_locked, SYSTEM, voucher_id, command)
    row: VoucherRow = await desk.row(VoucherRow, voucher_id)
    return row


async def session(desk: Desk, call_id: UUID, begins: datetime | None = None, **changed: Any) -> SessionRow:
    """An hour in ten days, led by a member of another organisation."""
    begins = begins or desk.clock.now() + 10 * DAY
    plan: Mapping[str, Any] = {
        "title": "Pricing of design work", "place": "Budafabriek, Kortrijk", "mentor": "Design strategist", "starts_at": begins,
        "ends_at": begins + HOUR, "seats": 1, "host_organisation_id": HOST,
    }  # fmt: skip
    return await desk.run(plan_session, OFFICER, call_id, Plan(**{**plan, **changed}))


async def _locked(context: Any, voucher_id: UUID, command: Any) -> None:
    await command(context, await lock_voucher(context, voucher_id), POLICY)
