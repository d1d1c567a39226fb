"""Screening by officers: the list, notes and flags, overrules by two, acts on many, and what can be undone."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.applications.domain.bulk import UNDO_WITHIN
from services.applications.queries import screening
from services.applications.queries.tasks import waiting_tasks
from services.applications.tables import NoteRow
from shared.contracts.applications import ApplicationFoundEligible, ApplicationTasksCounted, VerdictOverruled, VerdictOverruleProposed
from shared.identity.actor import Actor, Role, grants
from shared.kernel.ids import new_id
from tests.integration.applications.conftest import Desk
from tests.support.applications import CLOSES, FIRM, OFFICER, OTHER_FIRM, SECOND_OFFICER, applicant

THIRD_FIRM = UUID(int=3)
FOREIGN_OFFICER = Actor("officer-3", grants({Role.OFFICER}, {"be-kortrijk"}))
TOO_LARGE = {"firm__staff": 300}


async def listed(desk: Desk, call_id: str, **filters: Any) -> list[Any]:
    """The items of the list of the call."""
    page = await desk.request(OFFICER, "GET", f"/calls/{call_id}/screening", params=filters)
    items: list[Any] = page["items"]
    return items


async def act(desk: Desk, call_id: str, action: str, ids: list[str] | None, expect: int = 201, **more: Any) -> Any:
    body = {"action": action, "application_ids": ids, **more}
    return await desk.request(OFFICER, "POST", f"/calls/{call_id}/bulk-acts", expect, key=f"key-{new_id()}", json=body)


async def overrule(desk: Desk, identity: str, rule: str, passed: bool, expect: int = 201) -> Any:
    body = {"rule": rule, "passed": passed, "words": "The accounts of last year are the last closed ones."}
    return await desk.request(OFFICER, "POST", f"/applications/{identity}/overrules", expect, json=body)


async def test_list_filters_counts_and_finds_by_words(desk: Desk, call_id: str) -> None:
    fits = await desk.submitted(call_id, FIRM, project__title="Ćilim and light", applicant__name="Studio Šlag")
    large = await desk.submitted(call_id, OTHER_FIRM, project__title="Paper lamps", **TOO_LARGE)
    back = await desk.submitted(call_id, THIRD_FIRM, project__title="Woven screens")
    await desk.return_for(back, ["project.summary"])
    await desk.request(OFFICER, "POST", f"/applications/{large}/notes", 201, json={"words": "Which accounts?", "flag": True})
    found = await listed(desk, call_id)
    assert [(one["id"], one["failing"], one["flags"]) for one in found] == [(fits, [], 0), (large, ["sme-size"], 1), (back, [], 0)]
    for filters, expected in (
        ({"text": "slag"}, [fits]),
        ({"text": "LAMPS"}, [large]),
        ({"text": found[2]["receipt"][-6:]}, [back]),
        ({"state": "returned"}, [back]),
        ({"flagged": True}, [large]),
        ({"flagged": False, "state": "submitted"}, [fits]),
        ({"sort": "-sequence", "limit": 1}, [back]),
    ):
        assert [one["id"] for one in await listed(desk, call_id, **filters)] == expected, filters
    for text, expected in (("slag", [fits]), ("LAMPS", [large]), (found[2]["receipt"][-6:], [back]), ("s", []), ("nobody", [])):
        searched = await desk.request(OFFICER, "GET", "/found-cases", params={"text": text})
        assert ([one["id"] for one in searched["items"]], searched["more"]) == (expected, 0), text
    assert (await desk.request(FOREIGN_OFFICER, "GET", "/found-cases", params={"text": "slag"}))["items"] == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screening, "MOST_SEARCHED", 1)
        for filters, found_now, searched_all in (
            ({"text": "slag"}, [fits], False),
            ({"text": "LAMPS"}, [], False),
            ({"text": found[2]["receipt"][-6:]}, [back], False),
            ({"text": "lamps", "flagged": True}, [large], True),
            ({}, [fits, large, back], True),
        ):
            page = await desk.request(OFFICER, "GET", f"/calls/{call_id}/screening", params=filters)
            assert ([one["id"] for one in page["items"]], page["searched_all"]) == (found_now, searched_all), filters
    [counts] = await desk.request(OFFICER, "GET", "/screening-counts")
    assert (counts["states"], counts["flagged"], counts["corrected"]) == ({"submitted": 2, "returned": 1}, 1, 0)
    assert counts["repair_by"] is not None
    assert (await desk.request(OFFICER, "GET", "/desk"))["to_screen"] == [counts]
    of_call = [await desk.request(one, "GET", "/pipelines", params={"call_id": call_id}) for one in (OFFICER, FOREIGN_OFFICER)]
    assert of_call == [[{"call_id": call_id, "states": {"submitted": 2, "returned": 1}}], []]
    desk.clock.instant += timedelta(hours=1)
    await desk.change(back, THIRD_FIRM, project__title="Woven screens", project__summary="Much more of it.")
    await desk.submit(back, THIRD_FIRM)
    assert [one["id"] for one in await listed(desk, call_id, corrected=True)] == [back]
    await overrule(desk, large, "sme-size", True)
    assert await desk.counted(ApplicationTasksCounted, waiting_tasks) == [
        {"kind": "corrected-applications", "count": 1}, {"kind": "applications-to-screen", "count": 2},
        {"kind": "overrules", "count": 1, "not_for": OFFICER.id},
    ]  # fmt: skip


async def test_overrule_by_two_officers_changes_the_verdict(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM, **TOO_LARGE)
    assert (await overrule(desk, identity, "activity", True, expect=422))["code"] == "verdict-stands"
    assert (await overrule(desk, identity, "no-such", True, expect=422))["code"] == "unknown-rule"
    proposed = await overrule(desk, identity, "sme-size", True)
    assert (await overrule(desk, identity, "sme-size", True, expect=409))["code"] == "overrule-exists"
    assert (await desk.screen(identity, expect=409))["code"] == "overrule-waits"
    assert (await desk.screen_call(call_id))["screened"] == 0
    waiting = [(await desk.request(one, "GET", "/desk"))["overrules"]["count"] for one in (OFFICER, SECOND_OFFICER)]
    assert waiting == [0, 1]
    confirm = f"/overrules/{proposed['id']}/confirmation"
    assert (await desk.request(OFFICER, "POST", confirm, 403))["code"] == "incompatible-step"
    assert (await desk.request(SECOND_OFFICER, "POST", confirm))["state"] == "confirmed"
    seen = await desk.request(OFFICER, "GET", f"/applications/{identity}/eligibility")
    assert [(rule["rule"], rule["passed"]) for rule in seen["rules"] if rule["overruled"]] == [("sme-size", True)]
    assert seen["rules"][0]["labels"].keys() == {"staff", "turnover_minor", "balance_minor"}
    assert (await desk.screen(identity))["state"] == "eligible"
    [first], [second] = await desk.events(VerdictOverruleProposed), await desk.events(VerdictOverruled)
    assert (first.actor, second.actor, second.body["proposed_by"]) == (OFFICER.id, SECOND_OFFICER.id, OFFICER.id)
    assert (await desk.events(ApplicationFoundEligible))[0].reason == "overruled"
    assert "accounts" not in str(first.body) + str(second.body)
    assert (await overrule(desk, identity, "place", False, expect=409))["code"] == "screened"


async def test_overrule_ends_with_the_answers_it_is_about(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM, **TOO_LARGE)
    proposed = await overrule(desk, identity, "sme-size", True)
    await desk.return_for(identity, ["project.summary"])
    await desk.change(identity, FIRM, project__summary="Another summary.", **TOO_LARGE)
    await desk.submit(identity, FIRM)
    refused = await desk.request(SECOND_OFFICER, "POST", f"/overrules/{proposed['id']}/confirmation", 409)
    assert refused["code"] == "answers-changed"
    assert (await desk.screen(identity))["state"] == "ineligible"


async def test_duplicates_and_linked_firms_stand_beside(desk: Desk, call_id: str) -> None:
    this = await desk.submitted(call_id, FIRM, project__title="Light for every stage", applicant__owners=["Ana Horvat"])
    shared = {"project__title": "Light for every stage!", "costs__requested_minor": 300_000, "applicant__owners": ["ana  horvat"]}
    alike = await desk.submitted(call_id, OTHER_FIRM, **shared, applicant__email="other@example.org", applicant__street="Elsewhere 1")
    other = {"applicant__tax_number": "12345678903", "applicant__email": "third@example.org", "applicant__street": "Far 3"}
    await desk.submitted(call_id, THIRD_FIRM, project__title="Knitted walls", applicant__owners=["Ivo"], **other)
    await desk.request(OFFICER, "POST", f"/applications/{this}/notes", 201, json={"words": "Seen."})
    file = await desk.request(OFFICER, "GET", f"/applications/{this}/screening")
    assert file["compared"] == 2
    [neighbour] = [one for one in file["neighbours"] if one["id"] == alike]
    assert {"same-title", "same-owner"} <= set(neighbour["likenesses"])
    assert "same-address" not in neighbour["likenesses"]
    assert len(file["neighbours"]) == 1
    assert [(note["words"], note["own"]) for note in file["notes"]] == [("Seen.", True)]
    await desk.request(applicant(), "GET", f"/applications/{this}/screening", 403)


async def test_act_on_many_has_a_result_for_each(desk: Desk, call_id: str) -> None:
    fits, large = await desk.submitted(call_id, FIRM), await desk.submitted(call_id, OTHER_FIRM, **TOO_LARGE)
    flagged, unknown = await desk.submitted(call_id, THIRD_FIRM), str(UUID(int=99))
    raised = await act(desk, call_id, "flag", [flagged, unknown], words="Ask the register.")
    assert [(one["outcome"], one["code"]) for one in raised["results"]] == [("flagged", None), ("refused", "unknown-application")]
    assert raised["undo_until"] is not None
    desk.clock.instant = CLOSES
    screened = await act(desk, call_id, "screen", None)
    assert [(one["application_id"], one["outcome"]) for one in screened["results"]] == [(fits, "eligible"), (large, "ineligible")]
    assert (await desk.request(OFFICER, "POST", f"/bulk-acts/{screened['id']}/undoing", 409))["code"] == "not-undoable"
    returned = await act(desk, call_id, "return", [fits, flagged], corrections={"fields": ["project.summary"], "note": "More, please."})
    assert [one["outcome"] for one in returned["results"]] == ["refused", "returned"]
    assert returned["results"][0]["detail"] == "The application is eligible."
    assert (await act(desk, call_id, "return", [fits], expect=422))["code"] == "nothing-to-correct"


async def test_flags_of_an_act_are_undone_for_a_day(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    raised = await act(desk, call_id, "flag", [identity], words="A slip.")
    assert (await desk.screen_call(call_id))["screened"] == 0
    undone = await desk.request(SECOND_OFFICER, "POST", f"/bulk-acts/{raised['id']}/undoing")
    assert (undone["undo_until"], (await listed(desk, call_id))[0]["flags"]) == (None, 0)
    assert (await desk.request(OFFICER, "POST", f"/bulk-acts/{raised['id']}/undoing", 409))["code"] == "undone"
    await act(desk, call_id, "flag", [identity], words="Not a slip.")
    lifted = await act(desk, call_id, "lift-flags", [identity])
    await desk.request(OFFICER, "POST", f"/bulk-acts/{lifted['id']}/undoing")
    assert [flag.words for flag in await desk.rows(NoteRow) if flag.lifted_at is None] == ["Not a slip."]
    again = await act(desk, call_id, "lift-flags", [identity])
    desk.clock.instant += UNDO_WITHIN
    assert (await desk.request(OFFICER, "POST", f"/bulk-acts/{again['id']}/undoing", 409))["code"] == "undo-too-late"
