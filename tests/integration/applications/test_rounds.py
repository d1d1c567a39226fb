"""A rolling call: published as its rounds, each with its window, money and list; a firm has one application in all of them."""

from datetime import timedelta

from shared.contracts.applications import CallPublished
from shared.kernel.vocabulary import MilestoneKind
from tests.integration.applications.conftest import Desk
from tests.support.applications import CLOSES, FIRM, OFFICER, OPEN, OTHER_FIRM
from tests.support.milestones import milestone

ROLLING = {"cut_offs": {"dates": ["2025-12-29T12:00:00"], "parts_bp": [6_000, 4_000]}}


async def test_rolling_call_is_published_in_rounds(desk: Desk) -> None:
    first = await desk.publish_call(**ROLLING)
    assert (await desk.publish_call(200, **ROLLING))["id"] == first["id"], "the same again is one call"
    await desk.publish_call(409, cut_offs={"dates": ["2025-12-30T12:00:00"]})
    await desk.publish_call(422, round={"series": "a", "number": 1, "count": 2})
    calls = [event.body for event in await desk.events(CallPublished)]
    assert [(one["slug"][-2:], one["opens_at"][:10], one["closes_at"][:10]) for one in calls] == [
        ("-1", "2025-12-15", "2025-12-29"), ("-2", "2025-12-29", "2026-01-16"),
    ]  # fmt: skip
    assert calls[0]["closes_at"] == calls[1]["opens_at"]
    assert sum(one["envelope_minor"] for one in calls) * 6 == calls[0]["envelope_minor"] * 10
    assert {one["policy_id"] for one in calls} == {first["policy_id"]}
    page = (await desk.client.get(f"/api/applications/open-calls/{first['number']}")).json()
    assert [(one["round_number"], one["closes_at"][:10]) for one in page["rounds"]] == [(1, "2025-12-29"), (2, "2026-01-16")]
    assert (page["round_number"], page["rounds"][1]["number"] > page["number"]) == (1, True)
    for days, status in ((18, 422), (17, 200)):  # the next one ends eighteen days later
        later = {"closes_at": (CLOSES - timedelta(days=18 - days)).isoformat(), "reason": "more-time"}
        answer = await desk.request(OFFICER, "POST", f"/calls/{first['id']}/extension", status, json=later)
        assert answer.get("code", "round-after-next") == "round-after-next"


async def test_firm_has_one_application_in_all_rounds(desk: Desk) -> None:
    first = await desk.publish_call(**ROLLING)
    second = (await desk.events(CallPublished))[1].body
    desk.clock.instant = OPEN
    await desk.submitted(first["id"], FIRM)
    late = (await desk.draft(first["id"], OTHER_FIRM))["id"]
    cut_off = CLOSES - timedelta(days=18)
    desk.clock.instant = cut_off
    for kind, call in ((MilestoneKind.CALL_CLOSES, first["id"]), (MilestoneKind.CALL_OPENS, second["call_id"])):
        await desk.deliver(milestone(kind, call, cut_off))
    assert (await desk.submit(late, OTHER_FIRM, 422))["code"] == "deadline-passed"
    again = (await desk.draft(second["call_id"], FIRM, project__title="Something else", project__starts_on="2026-06-01"))["id"]
    assert (await desk.submit(again, FIRM, 409))["code"] == "live-application-exists"
    await desk.submitted(second["call_id"], OTHER_FIRM)
