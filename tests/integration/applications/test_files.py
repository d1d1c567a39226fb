"""Applications of applicants: drafts, submission, withdrawal, return and mending, who may read them."""

from datetime import timedelta
from uuid import UUID

from shared.contracts.applications import (
    ApplicationFoundEligible,
    ApplicationFoundIneligible,
    ApplicationReturned,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from shared.contracts.evaluation import AwardGranted, AwardRefused, EvaluatorAssigned, EvaluatorRecused, PlacedOnReserveList
from shared.kernel.ids import keyed_hash
from tests.integration.applications.conftest import Desk
from tests.support.applications import AUDITOR, CLOSES, FIRM, HERE, KEY, OFFICER, OPEN, OPENS, OTHER_FIRM, applicant, evaluator
from tests.support.milestones import milestone

TICK = timedelta(microseconds=1)


async def test_a_draft_is_begun_once_per_key(desk: Desk, call_id: str) -> None:
    body = {"call_id": call_id, "form": {"project": {"title": "Half a thought"}}}
    first = await desk.ask(applicant(), "POST", "/applications", 201, key="the-same-key", json=body)
    assert await desk.ask(applicant(), "POST", "/applications", 201, key="the-same-key", json=body) == first
    assert (first["state"], "costs.requested_minor" in first["missing"], first["receipt"]) == ("draft", True, None)
    other = {"call_id": call_id, "form": {}}
    assert (await desk.ask(applicant(), "POST", "/applications", 409, key="the-same-key", json=other))["code"] == "idempotency-key-reused"
    missing = await desk.ask(applicant(), "POST", "/applications", 422, json=body)
    assert missing["errors"][0]["field"] == "Idempotency-Key"


async def test_bad_answers_are_named_by_path(desk: Desk, call_id: str) -> None:
    refused = await desk.draft(call_id, FIRM, expect=422, costs__requested_minor="many", project__colour="red")
    assert {(error["field"], error["code"]) for error in refused["errors"]} == {
        ("form.costs.requested_minor", "int-type"),
        ("form.project.colour", "extra-forbidden"),
    }
    assert "many" not in str(refused)


async def test_an_incomplete_draft_is_kept_but_not_taken(desk: Desk, call_id: str) -> None:
    draft = await desk.draft(call_id, FIRM, project__title=None)
    refused = await desk.submit(draft["id"], FIRM, expect=422)
    assert (refused["code"], refused["facts"]["missing"]) == ("incomplete", ["project.title"])
    changed = await desk.change(draft["id"], FIRM)
    assert changed["missing"] == []
    assert (await desk.submit(draft["id"], FIRM))["sequence"] == 1


async def test_handing_in_twice_gives_one_receipt_and_one_event(desk: Desk, call_id: str) -> None:
    draft = await desk.draft(call_id, FIRM)
    first = await desk.submit(draft["id"], FIRM)
    desk.clock.instant += timedelta(days=1)
    assert await desk.submit(draft["id"], FIRM) == first
    assert (first["revision"], first["submitted_at"]) == (1, OPEN.isoformat().replace("+00:00", "Z"))
    (event,) = await desk.events(ApplicationSubmitted)
    assert (event.body["receipt"], event.actor, event.reason) == (first["receipt"], applicant().id, "submitted")
    assert (await desk.change(draft["id"], FIRM, expect=409))["code"] == "wrong-state"


async def test_the_window_is_kept_by_the_clock_alone(desk: Desk, call_id: str) -> None:
    """No milestone has come: the call is neither opened nor closed by state."""
    draft = await desk.draft(call_id, FIRM)
    desk.clock.instant = OPENS - TICK
    assert (await desk.submit(draft["id"], FIRM, expect=422))["code"] == "too-early"
    desk.clock.instant = CLOSES
    refused = await desk.submit(draft["id"], FIRM, expect=422)
    assert (refused["code"], refused["facts"]["zone"]) == ("too-late", "Europe/Zagreb")
    assert "16 January 2026 at 12:00:00 CET" in refused["detail"]
    desk.clock.instant = CLOSES - TICK
    await desk.submit(draft["id"], FIRM)


async def test_one_live_application_per_organisation(desk: Desk, call_id: str) -> None:
    first = await desk.submitted(call_id, FIRM)
    again = await desk.draft(call_id, FIRM)
    assert (await desk.submit(again["id"], FIRM, expect=409))["code"] == "duplicate-application"
    other = await desk.draft(call_id, FIRM, project__title="Something else entirely")
    assert (await desk.submit(other["id"], FIRM, expect=409))["code"] == "live-application-exists"
    await desk.withdraw(first, FIRM)
    assert (await desk.submit(other["id"], FIRM))["sequence"] == 2


async def test_withdrawal_is_told_once_and_a_draft_goes_silently(desk: Desk, call_id: str) -> None:
    handed_in = await desk.submitted(call_id, FIRM)
    draft = await desk.draft(call_id, OTHER_FIRM)
    for _ in range(2):
        await desk.withdraw(handed_in, FIRM)
        await desk.withdraw(draft["id"], OTHER_FIRM)
    (event,) = await desk.events(ApplicationWithdrawn)
    assert (event.key, event.reason, event.body["sequence"]) == (UUID(handed_in), "given-up", 1)
    assert (await desk.screen(handed_in, expect=409))["code"] == "wrong-state"


async def test_what_is_decided_is_not_withdrawn(desk: Desk, call_id: str) -> None:
    granted, refused = await desk.submitted(call_id, FIRM), await desk.submitted(call_id, OTHER_FIRM, firm__staff=999)
    await desk.screen(granted)
    await desk.screen(refused)
    await desk.take(award(granted, call_id))
    assert (await desk.withdraw(granted, FIRM, expect=409))["code"] == "already-decided"
    assert (await desk.withdraw(refused, OTHER_FIRM, expect=409))["code"] == "already-decided"


async def test_a_returned_file_comes_back_mended(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    desk.clock.instant = CLOSES + timedelta(hours=1)
    await desk.take(milestone("call-closes", call_id, CLOSES))
    returned = await desk.send_back(identity, ["project.summary"])
    assert returned["repair_by"] == "2026-01-23T23:00:00Z"  # the seventh day after 16 January, to its end
    assert (await desk.change(identity, FIRM, expect=422, costs__requested_minor=700_000))["code"] == "not-returned-for-this"
    await desk.change(identity, FIRM, project__summary="Much more of it.")
    receipt = await desk.submit(identity, FIRM)
    assert (receipt["revision"], receipt["sequence"]) == (2, 1)
    assert [event.body["revision"] for event in await desk.events(ApplicationSubmitted)] == [1, 2]
    assert [event.body["fields"] for event in await desk.events(ApplicationReturned)] == [["project.summary"]]
    desk.clock.instant += timedelta(days=30)
    await desk.take(milestone("repair-ends", identity, desk.clock.instant))
    assert (await desk.read(identity))["state"] == "submitted"


async def test_a_file_not_mended_in_time_is_ineligible(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    returned = await desk.send_back(identity, ["project"])
    due = OPEN + timedelta(days=7, hours=14)
    assert returned["repair_by"] == due.isoformat().replace("+00:00", "Z")
    desk.clock.instant = due - TICK
    await desk.take(milestone("repair-ends", identity, due))
    assert (await desk.read(identity))["state"] == "returned"
    desk.clock.instant = due
    assert (await desk.submit(identity, FIRM, expect=422))["code"] == "too-late"
    await desk.take(milestone("repair-ends", identity, due), twice=True)
    await desk.take(milestone("repair-ends", identity, due))
    (event,) = await desk.events(ApplicationFoundIneligible)
    assert (event.body["rules"], event.reason) == (["not-repaired"], "not-repaired")
    await desk.submitted(call_id, FIRM)  # its place in the call is free again


async def test_eligibility_is_explained_before_and_after(desk: Desk, call_id: str) -> None:
    draft = await desk.draft(call_id, FIRM, firm__staff=400, project__title=None)
    dry = await desk.ask(applicant(), "GET", f"/applications/{draft['id']}/eligibility")
    assert (dry["eligible"], dry["screened"], dry["missing"], dry["size"]) == (False, False, ["project.title"], "large")
    await desk.change(draft["id"], FIRM)
    await desk.submit(draft["id"], FIRM)
    await desk.screen(draft["id"])
    assert await desk.screen(draft["id"]) == await desk.screen(draft["id"])
    final = await desk.ask(applicant(), "GET", f"/applications/{draft['id']}/eligibility")
    assert (final["eligible"], final["screened"], final["amount_minor"]) == (True, True, 800_000)
    (event,) = await desk.events(ApplicationFoundEligible)
    assert {"kind": "owner", "hash": keyed_hash(KEY, "owner", "Sample Holding")} in event.body["relations"]
    assert "Sample" not in str(event.body)


async def test_who_may_read_a_file(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    draft = (await desk.draft(call_id, OTHER_FIRM))["id"]
    reader, assignment = evaluator("e-1"), UUID(int=77)
    case = {"application_id": UUID(identity), "call_id": UUID(call_id), "region": HERE, "assignment_id": assignment, "evaluator_id": "e-1"}

    for actor, sees in [(OFFICER, 1), (AUDITOR, 1), (applicant(), 1), (applicant(OTHER_FIRM), 1), (reader, 0)]:
        assert (await desk.ask(actor, "GET", "/applications"))["total"] == sees
    assert (await desk.ask(OFFICER, "GET", f"/applications/{draft}", 403))["code"] == "not-for-you"
    assert (await desk.ask(reader, "GET", f"/applications/{identity}", 403))["code"] == "not-for-you"
    await desk.take(EvaluatorAssigned(**case, place=1, due_at=CLOSES))
    assert (await desk.ask(reader, "GET", f"/applications/{identity}"))["form"]["language"] == "hr"
    await desk.take(EvaluatorRecused(**case))
    await desk.take(EvaluatorAssigned(**case, place=1, due_at=CLOSES))  # late, after the recusal
    await desk.ask(reader, "GET", f"/applications/{identity}", 403)


async def test_the_latest_decision_stands_whatever_comes_first(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    await desk.screen(identity)
    case = {"application_id": UUID(identity), "call_id": UUID(call_id), "region": HERE}
    reserve, refused = PlacedOnReserveList(**case, position=3), AwardRefused(**case, rules=["reserve-list-ended"])
    await desk.take(refused, at=OPEN + timedelta(days=2))
    await desk.take(reserve, at=OPEN + timedelta(days=1))
    assert (await desk.read(identity))["decision"] == "refused"
    await desk.submitted(call_id, OTHER_FIRM)  # the same title of another organisation is another project


async def test_a_number_leads_to_its_case(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    receipt = (await desk.read(identity))["receipt"]
    found = {"kind": "application", "application_id": identity, "call_id": call_id, "region": HERE}
    for ref in (identity, receipt, receipt.lower()):
        assert await desk.ask(AUDITOR, "GET", "/lookup", params={"ref": ref}) == found
    assert (await desk.ask(AUDITOR, "GET", "/lookup", params={"ref": call_id}))["kind"] == "call"
    await desk.ask(AUDITOR, "GET", "/lookup", 404, params={"ref": "KRT-0001-0000-0009-9"})
    history = await desk.ask(AUDITOR, "GET", f"/history/{identity}")
    assert [event["type"] for event in history["events"]] == [ApplicationSubmitted.type]


def award(application_id: str, call_id: str) -> AwardGranted:
    return AwardGranted(
        application_id=UUID(application_id), call_id=UUID(call_id), region=HERE, award_id=UUID(int=9), grant_number=1, organisation_id=FIRM,
        scheme="digital-voucher", amount_minor=800_000, currency="EUR", policy_id="p", rank=1, from_reserve=False,
    )  # fmt: skip
