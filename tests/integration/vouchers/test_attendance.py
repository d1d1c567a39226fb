"""Vouchers that are hours with a mentor: reserved, booked, redeemed by attendance, settled; no money anywhere."""

import asyncio
from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from services.vouchers.commands.book_session import book_session
from services.vouchers.commands.close_voucher import close_voucher
from services.vouchers.commands.confirm_capacity import confirm_capacity
from services.vouchers.commands.record_aid_reply import record_aid_reply
from services.vouchers.commands.review_voucher import review_voucher
from services.vouchers.domain.stages import Stage
from services.vouchers.tables import CapacityEntryRow, CapacityRow, HoldingRow, SessionRow, VoucherRow
from shared.contracts.payments import EnvelopeOpened
from shared.contracts.vouchers import CapacityChanged, FundsReleaseRequested, FundsReservationRequested, UnitsReleased
from shared.identity.actor import SYSTEM, Actor, Role, grants
from shared.kernel.errors import Conflict, Contradiction
from shared.kernel.ids import new_id
from tests.integration.vouchers.conftest import APPLICANT, KORTRIJK, OFFICER, Desk
from tests.integration.vouchers.in_kind import (
    BENEFIT,
    DAY,
    FINANCE,
    HOUR,
    MENTOR,
    OTHER_OFFICER,
    aid_reply,
    open_call,
    request_units,
    session,
    step,
    voucher_of_hours,
)


async def assert_balanced(desk: Desk, call_id: UUID) -> CapacityRow:
    """The running totals say what the entries say, of the call and of each voucher; all accounts add up to zero."""
    capacity: CapacityRow = await desk.row(CapacityRow, call_id)
    sums: Counter[str] = Counter()
    of_voucher: dict[UUID, Counter[str]] = {}
    for entry in await desk.rows(CapacityEntryRow):
        if entry.call_id == call_id:
            for counter in (sums, of_voucher.setdefault(entry.voucher_id, Counter())):
                counter[entry.source] -= entry.units
                counter[entry.target] += entry.units
    assert sum(sums.values()) == 0
    totals = {"reserved": capacity.reserved, "committed": capacity.committed, "attended": capacity.attended}
    assert totals == {name: sums[name] for name in totals}
    assert capacity.available == sums["available"] >= 0
    for holding in await desk.rows(HoldingRow):
        if holding.call_id == call_id:
            known = of_voucher[holding.voucher_id]
            assert (holding.reserved, holding.committed, holding.attended) == (known["reserved"], known["committed"], known["attended"])
    return capacity


async def test_last_hours_of_a_call_are_reserved_once(desk: Desk) -> None:
    call_id = await open_call(desk, awards=3)
    rows = await asyncio.gather(*(request_units(desk, call_id, UUID(int=900 + n)) for n in range(8)))
    answers = Counter([(await desk.row(VoucherRow, row.id)).refused_rule for row in rows])
    assert answers == {None: 3, "capacity-exhausted": 5}
    assert (await assert_balanced(desk, call_id)).available == 0
    refused = next(row for row in rows if row.refused_at)
    closed = await step(desk, refused.id, close_voucher)
    assert (closed.outcome, closed.state) == ("not-funded", "closed")
    async with desk.sessions() as database:  # whatever the code does, the database keeps to the capacity
        with pytest.raises(IntegrityError, match="never_overbooked"):
            await database.execute(update(CapacityRow).where(col(CapacityRow.call_id) == call_id).values(committed=1))
    assert await desk.published(FundsReservationRequested, FundsReleaseRequested, EnvelopeOpened) == []


async def test_nothing_is_reserved_before_another_person_confirms(desk: Desk) -> None:
    """Regulation (EU) 2021/1060, Article 71(4), as for an envelope: awards that wait get theirs at the confirmation."""
    call_id = await open_call(desk, awards=1, confirmed=False, publisher="publisher")
    first = await request_units(desk, call_id)
    desk.clock.instant += HOUR
    second = await request_units(desk, call_id)
    assert (first.reserved_at, second.refused_at) == (None, None)
    with pytest.raises(IntegrityError, match="capacity_confirmed_by_another"):
        await desk.run(confirm_capacity, replace(FINANCE, id="publisher"), call_id)
    waiting = await desk.request(FINANCE, "GET", "/capacities?awaiting=true")
    assert [one["call_id"] for one in waiting["items"]] == [str(call_id)]
    confirmed = await desk.request(FINANCE, "POST", f"/calls/{call_id}/capacity/confirmation")
    assert (confirmed["reserved"], confirmed["available"], confirmed["awaits_confirmation"]) == (720, 0, False)
    await desk.run(record_aid_reply, SYSTEM, aid_reply(first))
    rows = [await desk.row(VoucherRow, row.id) for row in (first, second)]
    assert [(bool(row.reserved_at), row.refused_rule) for row in rows] == [(True, None), (False, "capacity-exhausted")]


async def test_offer_waits_for_what_the_ceiling_of_aid_leaves(desk: Desk) -> None:
    """Regulation (EU) 2023/2831, Article 3(2): the hours are held meanwhile, and given back when payments refuses. A reply that says
    something else of the case, or is of a voucher of money, has no effect; the first one stays."""
    call_id = await open_call(desk, awards=1)
    row = await request_units(desk, call_id, answered=False)
    assert (row.reserved_at, (await assert_balanced(desk, call_id)).reserved) == (None, 720)
    refused = aid_reply(row, left_minor=5)
    money = aid_reply(await desk.voucher(Stage.REQUESTED))
    for change in ({"amount_minor": 1}, {"currency": "DKK"}, {"region": "dk-kolding"}, {"application_id": new_id()}):
        for reply in (refused, aid_reply(row)):
            with pytest.raises(Contradiction):
                await desk.run(record_aid_reply, SYSTEM, reply.model_copy(update=change))
    with pytest.raises(Contradiction):
        await desk.run(record_aid_reply, SYSTEM, money)
    for reply in (refused, aid_reply(row), refused):
        await desk.run(record_aid_reply, SYSTEM, reply)
    assert (await assert_balanced(desk, call_id)).available == 720
    closed = await step(desk, row.id, close_voucher)
    assert (closed.outcome, closed.refused_rule, closed.reserved_at) == ("not-funded", "de-minimis-ceiling", None)
    assert await desk.published(UnitsReleased) == []  # the reserve list moves up by VoucherNotFunded
    assert (await request_units(desk, call_id)).reserved_at is not None


async def test_two_persons_give_a_call_more(desk: Desk) -> None:
    """Regulation (EU) 2021/1060, Article 71(4): an officer proposes and may take it back, finance confirms; the ledger adds it once, and a
    repeated CallPublished still fits."""
    call_id, path = await open_call(desk, awards=1), "/capacity-changes/{}/{}"
    wish = {"vouchers": 2, "reason": "The mentor has more time."}
    assert (await request_units(desk, call_id)).reserved_at is not None
    assert (await request_units(desk, call_id)).refused_rule == "capacity-exhausted"
    first = await desk.request(OFFICER, "POST", f"/calls/{call_id}/capacity/changes", 201, json=wish)
    again = await desk.request(OTHER_OFFICER, "POST", f"/calls/{call_id}/capacity/changes", 409, json=wish)
    assert (first["units"], again["code"]) == (1440, "capacity-change-open")
    await desk.request(OTHER_OFFICER, "POST", path.format(first["id"], "withdrawal"))
    second = await desk.request(OFFICER, "POST", f"/calls/{call_id}/capacity/changes", 201, json=wish)
    waiting = (await desk.request(FINANCE, "GET", "/capacities?awaiting=true"))["items"]
    assert [one["open_change_id"] for one in waiting] == [second["id"]]
    both = Actor(OFFICER.id, grants({Role.OFFICER, Role.FINANCE}, {KORTRIJK}))
    own = await desk.request(both, "POST", path.format(second["id"], "decision"), 403, json={"confirmed": True})
    assert own["code"] == "proposed-yourself"
    late = await desk.request(FINANCE, "POST", path.format(first["id"], "decision"), 409, json={"confirmed": True})
    assert late["code"] == "decided-already"
    await desk.request(FINANCE, "POST", path.format(second["id"], "decision"), json={"confirmed": True})
    capacity = await assert_balanced(desk, call_id)
    assert (capacity.supplied, capacity.available) == (2160, 1440)
    [changed] = await desk.events(CapacityChanged)
    assert (changed.body["units"], changed.body["supplied"], changed.body["change_minor"]) == (1440, 2160, 2 * BENEFIT.award_minor)
    assert (await request_units(desk, call_id)).reserved_at is not None
    known = await desk.request(OFFICER, "GET", f"/capacity-changes?call_id={call_id}&state=rejected")
    assert [one["id"] for one in known["items"]] == [first["id"]]
    unconfirmed = await open_call(desk, confirmed=False)
    early = await desk.request(OFFICER, "POST", f"/calls/{unconfirmed}/capacity/changes", 409, json=wish)
    assert early["code"] == "capacity-not-confirmed"


async def test_offer_that_is_declined_gives_its_hours_back(desk: Desk) -> None:
    call_id = await open_call(desk, awards=1)
    offer = await voucher_of_hours(desk, call_id, Stage.OFFERED)
    await desk.request(APPLICANT, "POST", f"/vouchers/{offer.id}/decline")
    closed = await step(desk, offer.id, close_voucher)
    assert (closed.state, closed.outcome) == ("closed", "declined")
    assert (await assert_balanced(desk, call_id)).available == 720
    [released] = await desk.events(UnitsReleased)
    assert (released.body["units"], released.body["attended"], released.body["amount_minor"]) == (720, 0, BENEFIT.award_minor)


async def test_hours_are_redeemed_by_attendance(desk: Desk) -> None:
    """From the booking to the settlement: attended, absent, cancelled in time; what is left goes back."""
    call_id = await open_call(desk)
    voucher = await voucher_of_hours(desk, call_id)
    hours = [await session(desk, call_id, desk.clock.now() + day * DAY) for day in (10, 11, 12)]
    present, absent, given_up = [
        (await desk.request(APPLICANT, "POST", f"/vouchers/{voucher.id}/bookings", 201, json={"session_id": str(one.id)}))["id"]
        for one in hours
    ]
    assert (await desk.request(APPLICANT, "GET", f"/vouchers/{voucher.id}/attendance"))["left"] == 720 - 3 * 60
    await desk.request(APPLICANT, "POST", f"/bookings/{given_up}/cancellation")
    early = await desk.request(MENTOR, "POST", f"/bookings/{present}/attendance", 409, json={"minutes": 50, "code": voucher.code})
    assert early["code"] == "session-not-begun"
    desk.clock.instant = hours[1].ends_at
    wrong = await desk.request(MENTOR, "POST", f"/bookings/{present}/attendance", 422, json={"minutes": 50})
    assert wrong["code"] == "code-needed"
    found = await desk.request(MENTOR, "GET", f"/bookings/by-code/{voucher.code}")
    assert {(one["id"], one["organisation_id"]) for one in found} == {(present, None), (absent, None)}
    recorded = await desk.request(MENTOR, "POST", f"/bookings/{present}/attendance", json={"minutes": 50, "code": voucher.code})
    assert (recorded["state"], recorded["units_used"]) == ("recorded", 60)  # in steps of 15 minutes that were begun
    await desk.request(MENTOR, "POST", f"/bookings/{absent}/attendance", json={"minutes": 0})
    await desk.request(APPLICANT, "POST", f"/bookings/{present}/confirmation")
    row: VoucherRow = await desk.row(VoucherRow, voucher.id)
    assert row.confirm_by is not None
    desk.clock.instant = row.confirm_by  # silence confirms the absence
    assert (await step(desk, voucher.id, review_voucher)).confirm_by is None
    held = await desk.request(APPLICANT, "GET", f"/vouchers/{voucher.id}/attendance")
    assert (held["granted"], held["attended"], held["booked"], held["left"]) == (720, 120, 0, 600)
    assert row.valid_until is not None
    assert row.claim_window_until is not None
    for instant, stage in ((row.valid_until, "claiming"), (row.claim_window_until, "settling")):
        desk.clock.instant = instant
        assert (await step(desk, voucher.id, review_voucher)).state == stage
    closed = await step(desk, voucher.id, close_voucher)
    assert (closed.outcome, closed.redeemed_minor) == ("settled", 0)
    capacity = await assert_balanced(desk, call_id)
    assert (capacity.attended, capacity.committed, capacity.available) == (120, 0, 1440 - 120)
    [released] = await desk.events(UnitsReleased)
    assert (released.body["units"], released.body["attended"]) == (600, 120)
    listed = (await desk.request(OFFICER, "GET", f"/session-register?call_id={call_id}"))["items"]
    nobody = {"present": 0, "absent": 0, "objected": 0, "unrecorded": 0, "units_used": 0}
    used = {"units_used": 60}
    assert [one["counts"] for one in listed] == [{**nobody, **used, "present": 1}, {**nobody, **used, "absent": 1}, nobody]
    assert (await desk.request(APPLICANT, "GET", "/session-register"))["items"] == []
    figures = await desk.request(OFFICER, "GET", "/figures")
    mine = next(one for one in figures if one["region"] == "be-kortrijk")
    assert (mine["amount"]["minor"], mine["units"][0]["attended"], mine["units"][0]["vouchers"]) == (0, 120, 1)


async def test_last_seat_is_booked_once(desk: Desk) -> None:
    call_id = await open_call(desk, awards=6)
    vouchers = [await voucher_of_hours(desk, call_id) for _ in range(6)]
    hour = await session(desk, call_id, seats=2)

    async def book(voucher: VoucherRow) -> str:
        try:
            await desk.run(book_session, APPLICANT, voucher.id, hour.id)
        except Conflict as refusal:
            return refusal.code
        return "booked"

    assert Counter(await asyncio.gather(*map(book, vouchers))) == {"booked": 2, "session-full": 4}
    assert (await desk.row(SessionRow, hour.id)).taken == 2
    await desk.request(OFFICER, "POST", f"/sessions/{hour.id}/cancellation", json={"reason": "The mentor is ill."})
    assert {row.booked for row in await desk.rows(HoldingRow)} == {0}
    assert await book(vouchers[0]) == "session-cancelled"


async def test_objection_and_correction_need_another_person(desk: Desk) -> None:
    call_id = await open_call(desk)
    voucher = await voucher_of_hours(desk, call_id)
    hour = await session(desk, call_id, host_organisation_id=None)
    booking = (await desk.request(APPLICANT, "POST", f"/vouchers/{voucher.id}/bookings", 201, json={"session_id": str(hour.id)}))["id"]
    desk.clock.instant = hour.ends_at
    await desk.request(MENTOR, "POST", f"/bookings/{booking}/attendance", 403, json={"minutes": 0})
    await desk.request(OFFICER, "POST", f"/bookings/{booking}/attendance", json={"minutes": 0})
    await desk.request(APPLICANT, "POST", f"/bookings/{booking}/objection", json={"words": "I was there."})
    desk_view = await desk.request(OFFICER, "GET", "/desk")
    assert (desk_view["objections"]["count"], desk_view["to_record"]["count"]) == (1, 0)
    same = await desk.request(OFFICER, "POST", f"/bookings/{booking}/decision", 403, json={"minutes": 60})
    assert same["code"] == "recorded-yourself"
    decided = await desk.request(OTHER_OFFICER, "POST", f"/bookings/{booking}/decision", json={"minutes": 60})
    assert (decided["state"], decided["units_used"]) == ("confirmed", 60)
    wish = {"minutes": 20, "reason": "The mentor left after twenty minutes."}
    await desk.request(OFFICER, "POST", f"/bookings/{booking}/correction", json=wish)
    alone = await desk.request(OFFICER, "POST", f"/bookings/{booking}/correction/decision", 403, json={"confirmed": True})
    assert alone["code"] == "proposed-yourself"
    await desk.request(OTHER_OFFICER, "POST", f"/bookings/{booking}/correction/decision", json={"confirmed": True})
    held = await desk.request(APPLICANT, "GET", f"/vouchers/{voucher.id}/attendance")
    assert (held["attended"], held["left"]) == (30, 690)
    await assert_balanced(desk, call_id)


async def test_revocation_ends_bookings_and_keeps_what_was_attended(desk: Desk) -> None:
    """A cancellation that is too late uses the session up; what was only booked uses nothing."""
    call_id = await open_call(desk)
    voucher = await voucher_of_hours(desk, call_id)
    soon, later = await session(desk, call_id, desk.clock.now() + 40 * HOUR), await session(desk, call_id)
    bookings = [
        (await desk.request(APPLICANT, "POST", f"/vouchers/{voucher.id}/bookings", 201, json={"session_id": str(one.id)}))["id"]
        for one in (soon, later)
    ]
    assert (await desk.request(APPLICANT, "POST", f"/bookings/{bookings[0]}/cancellation"))["units_used"] == 60
    await desk.request(OFFICER, "POST", f"/vouchers/{voucher.id}/revocation", json={"reason": "rules-broken"})
    row = await step(desk, voucher.id, close_voucher)
    assert (row.outcome, row.state) == ("revoked", "closed")
    capacity = await assert_balanced(desk, call_id)
    assert (capacity.attended, capacity.committed) == (60, 0)
    other = await desk.request(APPLICANT, "POST", f"/vouchers/{voucher.id}/bookings", 409, json={"session_id": str(later.id)})
    assert other["code"] == "voucher-not-usable"
    assert (await desk.row(SessionRow, later.id)).taken == 0
