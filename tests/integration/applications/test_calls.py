"""Calls: published once, opened, extended, closed, screened completely."""

import hashlib
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.tables import CallRow
from shared.contracts.applications import CallClosed, CallExtended, CallOpened, CallPublished, ScreeningCompleted
from shared.contracts.evaluation import DrawCommitted
from shared.kernel.vocabulary import MilestoneKind
from tests.integration.applications.conftest import Desk
from tests.support.applications import CLOSES, FIRM, OFFICER, OPENS, OTHER_FIRM
from tests.support.databases import run_as_owner
from tests.support.milestones import milestone

TICK = timedelta(microseconds=1)
LATER = CLOSES + timedelta(days=7)


async def test_call_published_twice_is_one_call(desk: Desk) -> None:
    first = await desk.publish_call()
    assert await desk.publish_call(expect=200) == first
    refused = await desk.publish_call(expect=409, envelope_minor=999_999)
    assert (refused["code"], refused["facts"]["call_id"]) == ("call-changed", first["id"])
    (event,) = await desk.events(CallPublished)
    assert event.body["reminders_at"] == ["2026-01-02T11:00:00Z", "2026-01-13T11:00:00Z"]
    assert (event.policy_id, event.actor) == (first["policy_id"], OFFICER.id)


async def test_call_against_its_policy_is_refused_by_field(desk: Desk) -> None:
    refused = await desk.publish_call(expect=422, currency="PLN")
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("currency", "call-currency")]
    refused = await desk.publish_call(expect=422, closes_at="tomorrow")
    assert [error["field"] for error in refused["errors"]] == ["closes_at"]
    desk.clock.instant = CLOSES
    assert (await desk.publish_call(expect=422))["code"] == "call-in-the-past"


async def test_milestones_open_and_close_a_call_once(desk: Desk, call_id: str) -> None:
    await desk.deliver(milestone(MilestoneKind.CALL_OPENS, call_id, OPENS), twice=True)
    await desk.deliver(milestone(MilestoneKind.CALL_OPENS, call_id, OPENS))
    desk.clock.instant = CLOSES
    closes = [milestone(MilestoneKind.CALL_CLOSES, call_id, CLOSES) for _ in range(2)]
    await desk.deliver(*closes, twice=True)
    assert [len(await desk.events(kind)) for kind in (CallOpened, CallClosed, ScreeningCompleted)] == [1, 1, 1]
    (closed,) = await desk.events(CallClosed)
    assert closed.body["submitted"] == 0


async def test_call_closed_before_its_opening_event_opens_first(desk: Desk, call_id: str) -> None:
    desk.clock.instant = CLOSES
    await desk.deliver(milestone(MilestoneKind.CALL_CLOSES, call_id, CLOSES), milestone(MilestoneKind.CALL_OPENS, call_id, OPENS))
    assert [event.type for event in await desk.events()][1:3] == [CallOpened.type, CallClosed.type]


async def test_call_with_a_draw_closes_after_the_commitment(desk: Desk, call_id: str) -> None:
    await run_as_owner(desk.sessions.kw["bind"], "UPDATE calls SET selection_method = 'ranking'")
    desk.clock.instant = CLOSES
    await desk.deliver(milestone(MilestoneKind.CALL_CLOSES, call_id, CLOSES))
    assert await desk.events(CallClosed) == []
    first, second = (DrawCommitted(call_id=UUID(call_id), region="hr-koprivnica", nonce_hash=it * 64) for it in "ab")
    await desk.deliver(first, second)
    assert len(await desk.events(CallClosed)) == 1
    async with desk.sessions() as session:
        assert await session.scalar(select(col(CallRow.nonce_hash))) == first.nonce_hash


async def test_extension_moves_later_dates_and_keeps_the_old_end(desk: Desk, call_id: str) -> None:
    before = await desk.request(OFFICER, "GET", f"/calls/{call_id}")
    body = {"closes_at": LATER.isoformat(), "reason": "outage"}
    after = await desk.request(OFFICER, "POST", f"/calls/{call_id}/extension", json=body)
    assert after == await desk.request(OFFICER, "POST", f"/calls/{call_id}/extension", json=body)
    assert (after["closes_at"], after["first_closes_at"]) == ("2026-01-23T11:00:00Z", before["closes_at"])
    (event,) = await desk.events(CallExtended)
    assert (event.reason, event.body["previous_closes_at"]) == ("outage", before["closes_at"])
    assert event.body["evaluation_due_at"] == "2026-02-20T23:00:00Z"  # 13 February, the whole day, and a week

    desk.clock.instant = CLOSES
    await desk.deliver(milestone(MilestoneKind.CALL_CLOSES, call_id, CLOSES))
    assert await desk.events(CallClosed) == []
    await desk.submitted(call_id, FIRM)
    desk.clock.instant = LATER
    await desk.deliver(milestone(MilestoneKind.CALL_CLOSES, call_id, LATER))
    assert len(await desk.events(CallClosed)) == 1


async def test_extension_outside_its_bounds_is_refused(desk: Desk, call_id: str) -> None:
    path = f"/calls/{call_id}/extension"
    for closes_at, code in [(CLOSES - TICK, "date-not-later"), (CLOSES + timedelta(days=900), "reserve-list-after-programme-end")]:
        refused = await desk.request(OFFICER, "POST", path, 422, json={"closes_at": closes_at.isoformat(), "reason": "outage"})
        assert refused["code"] == code
    desk.clock.instant = CLOSES
    refused = await desk.request(OFFICER, "POST", path, 409, json={"closes_at": LATER.isoformat(), "reason": "outage"})
    assert refused["code"] == "call-ended"


async def test_last_decided_application_completes_screening(desk: Desk, call_id: str) -> None:
    eligible = await desk.submitted(call_id, FIRM)
    withdrawn = await desk.submitted(call_id, OTHER_FIRM, project__title="Another project")
    await desk.screen(eligible)
    desk.clock.instant = CLOSES
    await desk.deliver(milestone(MilestoneKind.CALL_CLOSES, call_id, CLOSES))
    assert await desk.events(ScreeningCompleted) == []
    await desk.withdraw(withdrawn, OTHER_FIRM)
    (event,) = await desk.events(ScreeningCompleted)
    assert event.body["eligible"] == 1
    assert event.body["eligible_hash"] == hashlib.sha256(eligible.encode()).hexdigest()
    await desk.withdraw(eligible, FIRM)
    assert len(await desk.events(ScreeningCompleted)) == 1


async def test_call_is_screened_in_order_up_to_a_limit(desk: Desk, call_id: str) -> None:
    ids = [await desk.submitted(call_id, UUID(int=number), firm__staff=300 if number == 11 else 3) for number in range(10, 13)]
    assert await desk.screen_call(call_id, limit=2) == {"screened": 2, "eligible": 1, "ineligible": 1, "remaining": 1}
    assert (await desk.read(ids[2]))["state"] == "submitted"
    assert await desk.screen_call(call_id) == {"screened": 1, "eligible": 1, "ineligible": 0, "remaining": 0}
    assert await desk.screen_call(call_id) == {"screened": 0, "eligible": 0, "ineligible": 0, "remaining": 0}


async def test_calls_are_listed_by_region_state_and_slug(desk: Desk, call_id: str) -> None:
    for query, count in [("", 1), ("?state=open", 0), ("?slug=digital-voucher-2026-1&state=published", 1), ("?region=hr-koprivnica", 1)]:
        assert (await desk.request(OFFICER, "GET", f"/calls{query}"))["total"] == count
