"""Applications of applicants: drafts, submission, withdrawal, return and correction, and which actors may read them."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

from services.applications.app import SERVICE
from shared.classifications.identity_keys import relation_hash
from shared.contracts.applications import (
    ApplicantJoined,
    ApplicationFoundEligible,
    ApplicationFoundIneligible,
    ApplicationReturned,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from shared.contracts.evaluation import AwardGranted, AwardRefused, PlacedOnReserveList
from shared.kernel.vocabulary import MilestoneKind
from tests.integration.applications.conftest import Desk
from tests.support.applications import AUDITOR, CLOSES, FIRM, HERE, KEY, OFFICER, OPEN, OPENS, OTHER_FIRM, applicant, evaluator, policy
from tests.support.milestones import milestone

TICK = timedelta(microseconds=1)


async def test_draft_is_created_once_per_idempotency_key(desk: Desk, call_id: str) -> None:
    body = {"call_id": call_id, "form": {"project": {"title": "Half a thought"}}}
    first = await desk.request(applicant(), "POST", "/applications", 201, key="the-same-key", json=body)
    assert await desk.request(applicant(), "POST", "/applications", 201, key="the-same-key", json=body) == first
    assert (first["state"], "costs.requested_minor" in first["missing"], first["receipt"]) == ("draft", True, None)
    other = {"call_id": call_id, "form": {}}
    refused = await desk.request(applicant(), "POST", "/applications", 409, key="the-same-key", json=other)
    assert refused["code"] == "idempotency-key-reused"
    missing = await desk.request(applicant(), "POST", "/applications", 422, json=body)
    assert missing["errors"][0]["field"] == "Idempotency-Key"


async def test_bad_answers_are_named_by_path(desk: Desk, call_id: str) -> None:
    refused = await desk.draft(call_id, FIRM, expect=422, costs__requested_minor="many", project__colour="red")
    assert {(error["field"], error["code"]) for error in refused["errors"]} == {
        ("form.costs.requested_minor", "int-type"),
        ("form.project.colour", "extra-forbidden"),
    }
    assert "many" not in str(refused)


async def test_incomplete_draft_is_stored_but_not_submitted(desk: Desk, call_id: str) -> None:
    draft = await desk.draft(call_id, FIRM, project__title=None)
    refused = await desk.submit(draft["id"], FIRM, expect=422)
    assert (refused["code"], refused["facts"]["missing"]) == ("incomplete", ["project.title"])
    changed = await desk.change(draft["id"], FIRM)
    assert changed["missing"] == []
    assert (await desk.submit(draft["id"], FIRM))["sequence"] == 1


async def test_submission_repeated_gives_one_receipt_and_one_event(desk: Desk, call_id: str) -> None:
    draft = await desk.draft(call_id, FIRM)
    first = await desk.submit(draft["id"], FIRM)
    desk.clock.instant += timedelta(days=1)
    assert await desk.submit(draft["id"], FIRM) == first
    assert (first["revision"], first["submitted_at"]) == (1, OPEN.isoformat().replace("+00:00", "Z"))
    (event,) = await desk.events(ApplicationSubmitted)
    assert (event.body["receipt"], event.actor, event.reason) == (first["receipt"], applicant().id, "submitted")
    assert (await desk.change(draft["id"], FIRM, expect=409))["code"] == "wrong-state"


async def test_window_is_kept_by_the_clock_alone(desk: Desk, call_id: str) -> None:
    """No milestone has arrived: by its state the call is neither opened nor closed."""
    draft = await desk.draft(call_id, FIRM)
    desk.clock.instant = OPENS - TICK
    assert (await desk.submit(draft["id"], FIRM, expect=422))["code"] == "not-open-yet"
    desk.clock.instant = CLOSES
    refused = await desk.submit(draft["id"], FIRM, expect=422)
    assert (refused["code"], refused["facts"]["zone"]) == ("deadline-passed", "Europe/Zagreb")
    assert "16 January 2026 at 12:00 CET" in refused["detail"]
    desk.clock.instant = CLOSES - TICK
    await desk.submit(draft["id"], FIRM)


async def test_organisation_has_one_live_application_in_a_call(desk: Desk, call_id: str) -> None:
    first = await desk.submitted(call_id, FIRM)
    again = await desk.draft(call_id, FIRM)
    assert (await desk.submit(again["id"], FIRM, expect=409))["code"] == "duplicate-application"
    other = await desk.draft(call_id, FIRM, project__title="Something else entirely")
    assert (await desk.submit(other["id"], FIRM, expect=409))["code"] == "live-application-exists"
    await desk.withdraw(first, FIRM)
    assert (await desk.submit(other["id"], FIRM))["sequence"] == 2


async def test_withdrawal_has_one_event_and_of_a_draft_none(desk: Desk, call_id: str) -> None:
    submitted = await desk.submitted(call_id, FIRM)
    draft = await desk.draft(call_id, OTHER_FIRM)
    for _ in range(2):
        await desk.withdraw(submitted, FIRM)
        await desk.withdraw(draft["id"], OTHER_FIRM)
    (event,) = await desk.events(ApplicationWithdrawn)
    assert (event.key, event.reason, event.body["sequence"]) == (UUID(submitted), "given-up", 1)
    assert (await desk.screen(submitted, expect=409))["code"] == "wrong-state"


async def test_decided_application_is_not_withdrawn(desk: Desk, call_id: str) -> None:
    granted, refused = await desk.submitted(call_id, FIRM), await desk.submitted(call_id, OTHER_FIRM, firm__staff=999)
    await desk.screen(granted)
    await desk.screen(refused)
    await desk.deliver(award(granted, call_id))
    assert (await desk.withdraw(granted, FIRM, expect=409))["code"] == "application-decided"
    assert (await desk.withdraw(refused, OTHER_FIRM, expect=409))["code"] == "application-decided"


async def test_returned_application_is_corrected_and_resubmitted(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    desk.clock.instant = CLOSES + timedelta(hours=1)
    await desk.deliver(milestone(MilestoneKind.CALL_CLOSES, call_id, CLOSES))
    returned = await desk.return_for(identity, ["project.summary"])
    assert returned["repair_by"] == "2026-01-23T23:00:00Z"  # the seventh day after 16 January, to its end
    assert (await desk.change(identity, FIRM, expect=422, costs__requested_minor=700_000))["code"] == "not-returned-for-this"
    await desk.change(identity, FIRM, project__summary="Much more of it.")
    receipt = await desk.submit(identity, FIRM)
    assert (receipt["revision"], receipt["sequence"]) == (2, 1)
    assert [event.body["revision"] for event in await desk.events(ApplicationSubmitted)] == [1, 2]
    assert [event.body["fields"] for event in await desk.events(ApplicationReturned)] == [["project.summary"]]
    desk.clock.instant += timedelta(days=30)
    await desk.deliver(milestone(MilestoneKind.REPAIR_ENDS, identity, desk.clock.instant))
    assert (await desk.read(identity))["state"] == "submitted"


async def test_application_not_corrected_in_time_is_ineligible(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    returned = await desk.return_for(identity, ["project.summary"])  # for seven days, which end before the call does
    assert returned["repair_by"] == CLOSES.isoformat().replace("+00:00", "Z")
    desk.clock.instant = CLOSES - TICK
    await desk.deliver(milestone(MilestoneKind.REPAIR_ENDS, identity, CLOSES))
    assert (await desk.read(identity))["state"] == "returned"
    desk.clock.instant = CLOSES
    assert (await desk.submit(identity, FIRM, expect=422))["code"] == "deadline-passed"
    await desk.deliver(milestone(MilestoneKind.REPAIR_ENDS, identity, CLOSES), twice=True)
    await desk.deliver(milestone(MilestoneKind.REPAIR_ENDS, identity, CLOSES))
    (event,) = await desk.events(ApplicationFoundIneligible)
    assert (event.body["rules"], event.reason) == (["not-repaired"], "not-repaired")


async def test_extended_call_gives_time_to_correct(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    await desk.return_for(identity, ["project.summary"])
    later = CLOSES + timedelta(days=7)
    extension = {"closes_at": later.isoformat(), "reason": "more-time"}
    await desk.request(OFFICER, "POST", f"/calls/{call_id}/extension", json=extension)
    desk.clock.instant = CLOSES
    await desk.deliver(milestone(MilestoneKind.REPAIR_ENDS, identity, CLOSES))
    assert (await desk.read(identity))["state"] == "returned"
    desk.clock.instant = later
    await desk.deliver(milestone(MilestoneKind.CALL_CLOSES, call_id, later))
    assert (await desk.read(identity))["state"] == "ineligible"
    await desk.assert_nothing_lost()


async def test_eligibility_is_explained_before_and_after_screening(desk: Desk, call_id: str) -> None:
    draft = await desk.draft(call_id, FIRM, firm__staff=400, project__title=None)
    dry = await desk.request(applicant(), "GET", f"/applications/{draft['id']}/eligibility")
    assert (dry["eligible"], dry["screened"], dry["missing"], dry["size"]) == (False, False, ["project.title"], "large")
    await desk.change(draft["id"], FIRM)
    await desk.submit(draft["id"], FIRM)
    await desk.screen(draft["id"])
    assert await desk.screen(draft["id"]) == await desk.screen(draft["id"])
    final = await desk.request(applicant(), "GET", f"/applications/{draft['id']}/eligibility")
    assert (final["eligible"], final["screened"], final["amount_minor"]) == (True, True, 800_000)
    (event,) = await desk.events(ApplicationFoundEligible)
    assert {"kind": "owner", "hash": relation_hash(KEY, "owner", "Sample Holding")} in event.body["relations"]
    assert "Sample" not in str(event.body)


async def test_rule_messages_are_in_the_readers_language(desk: Desk, call_id: str) -> None:
    """Before and after screening, from the policy; a language that the policy does not have gives English."""
    application = await desk.submitted(call_id, FIRM, firm__staff=400)
    rule = next(rule for rule in policy().eligibility.rules if rule.id == "sme-size")
    paths = [("GET", f"/applications/{application}/eligibility"), ("POST", f"/applications/{application}/screening")]
    for language, message in [("hr-HR, en;q=0.5", rule.text("hr")), ("sv", rule.message)]:
        for method, path in paths:
            answer = await desk.request(OFFICER, method, path, language=language)
            (failed,) = [each for each in answer.get("assessment", answer)["rules"] if not each["passed"]]
            assert (failed["rule"], failed["message"]) == ("sme-size", message)
    assert rule.text("hr") != rule.message


async def test_application_not_corrected_is_shown_without_assessment(desk: Desk, call_id: str) -> None:
    application = await desk.submitted(call_id, FIRM)
    desk.clock.instant = datetime.fromisoformat((await desk.return_for(application, ["project.summary"]))["repair_by"])
    await desk.deliver(milestone(MilestoneKind.REPAIR_ENDS, application, desk.clock.instant))
    assert await desk.screen(application) == {"application_id": application, "state": "ineligible", "assessment": None}


async def test_application_is_read_by_those_who_may(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    draft = (await desk.draft(call_id, OTHER_FIRM))["id"]

    for actor, sees in [(OFFICER, 1), (AUDITOR, 1), (applicant(), 1), (applicant(OTHER_FIRM), 1), (evaluator("e-1"), 0)]:
        assert (await desk.request(actor, "GET", "/applications"))["total"] == sees
    assert (await desk.request(OFFICER, "GET", f"/applications/{draft}", 403))["code"] == "not-permitted"
    assert (await desk.request(OFFICER, "GET", f"/applications/{identity}"))["form"]["applicant"]["name"]


async def test_latest_decision_by_its_own_time_is_kept(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    await desk.screen(identity)
    case = {"application_id": UUID(identity), "call_id": UUID(call_id), "region": HERE}
    reserve, refused = PlacedOnReserveList(**case, position=3), AwardRefused(**case, rules=["reserve-list-ended"])
    desk.clock.instant = OPEN + timedelta(days=3)
    await desk.deliver(refused, ago=timedelta(days=1))
    await desk.deliver(reserve, ago=timedelta(days=2))
    assert (await desk.read(identity))["decision"] == "refused"
    await desk.submitted(call_id, OTHER_FIRM)  # the same title of another organisation is another project


async def test_reference_is_looked_up(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    receipt = (await desk.read(identity))["receipt"]
    found = {"kind": "application", "application_id": identity, "call_id": call_id, "region": HERE}
    for ref in (identity, receipt, receipt.lower()):
        assert await desk.request(AUDITOR, "GET", "/lookup", params={"ref": ref}) == found
    assert (await desk.request(AUDITOR, "GET", "/lookup", params={"ref": call_id}))["kind"] == "call"
    await desk.request(AUDITOR, "GET", "/lookup", 404, params={"ref": "KRT-0001-0000-0009-9"})
    history = await desk.request(AUDITOR, "GET", f"/history/{identity}")
    assert [event["type"] for event in history["events"]] == [ApplicantJoined.type, ApplicationSubmitted.type]


def award(application_id: str, call_id: str) -> AwardGranted:
    return AwardGranted(
        application_id=UUID(application_id), call_id=UUID(call_id), region=HERE, award_id=UUID(int=9), grant_number=1, organisation_id=FIRM,
        scheme="digital-voucher", amount_minor=800_000, currency="EUR", policy_id="p", rank=1, from_reserve=False,
    )  # fmt: skip


async def test_drafts_of_an_organisation_in_a_call_are_bounded(desk: Desk, call_id: str) -> None:
    """Withdrawn ones count too: otherwise drafting and withdrawing in turn would fill the database."""
    settings = SimpleNamespace(
        drafts_per_call=2, files=desk.folder.as_uri(), files_most=1, files_largest_mib=1, file_largest_mib=1, clamav="",
        regions=desk.folder,
        calls_in_one_step=True,
    )  # fmt: skip
    async with SERVICE.opening(desk.app, settings):
        submitted = await desk.submitted(call_id, FIRM)
        first = (await desk.draft(call_id, FIRM))["id"]
        await desk.draft(call_id, FIRM)
        await desk.withdraw(first, FIRM)
        problem = await desk.draft(call_id, FIRM, 409)
        assert (problem["code"], problem["facts"]) == ("too-many-drafts", {"most": 2})
        await desk.draft(call_id, OTHER_FIRM)
        await desk.request(applicant(FIRM), "GET", f"/applications/{submitted}")
