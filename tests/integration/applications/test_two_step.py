"""Two steps: an expression of interest that is chosen, an invitation to its organisation, and the application on it, in time or not at all.
Source: issue 15, point 4 (two-step)."""

from datetime import timedelta
from uuid import UUID

from shared.contracts.applications import ApplicantInvited
from shared.messaging.tables import DeadLetterRow
from tests.integration.applications.conftest import Desk
from tests.integration.applications.two_step import (
    DECIDED,
    ENDS,
    FULL,
    FULL_CALL,
    INTEREST_CALL,
    OFFICER,
    OPEN,
    chosen,
    draft,
    express,
    firm,
    form_of,
    publish,
)
from tests.support.applications import FIRM, OTHER_FIRM

MOMENT = timedelta(microseconds=1)


async def test_from_an_expression_to_the_application(desk: Desk) -> None:
    assert (await publish(desk, FULL_CALL, 422))["code"] == "unknown-expressions"
    interest = await publish(desk, INTEREST_CALL)
    full = await publish(desk, FULL_CALL)
    desk.clock.instant = OPEN
    mine, _ = [await express(desk, interest["id"], one) for one in (FIRM, OTHER_FIRM)]
    assert (await draft(desk, firm(), full["id"], {}, 422))["code"] == "not-invited", "submitted is not chosen"

    desk.clock.instant = DECIDED
    await desk.deliver(chosen(mine, interest["id"], FIRM), twice=True)
    invited = [event.body for event in await desk.events(ApplicantInvited)]
    assert [(one["application_id"], one["invited_to"], one["ends_at"]) for one in invited] == [
        (mine, full["id"], f"{ENDS:%Y-%m-%dT%H:%M:%SZ}")
    ]
    (invitation,) = await desk.request(firm(), "GET", "/invitations")
    assert (invitation["state"], invitation["call_number"]) == ("not-begun", full["number"])
    assert (await draft(desk, firm(OTHER_FIRM), full["id"], {}, 422))["code"] == "not-invited", "the wrong organisation"

    begun = await draft(desk, firm(name="another member"), full["id"], {})
    assert begun["form"]["project"]["title"] == form_of(FULL)["project"]["title"], "taken over from the expression of interest"
    assert (await draft(desk, firm(), full["id"], {}, 409))["code"] == "invitation-taken"
    await desk.request(firm(), "PUT", f"/applications/{begun['id']}", json={"form": form_of(FULL)})
    desk.clock.instant = ENDS
    assert (await desk.request(firm(), "POST", f"/applications/{begun['id']}/submission", 422))["code"] == "deadline-passed"
    desk.clock.instant = ENDS - MOMENT
    await desk.request(firm(), "POST", f"/applications/{begun['id']}/submission")

    listed = await desk.request(OFFICER, "GET", f"/calls/{full['id']}/invitations")
    assert [(one["state"], one["application_id"], one["expression_id"]) for one in listed["items"]] == [("handed-in", begun["id"], mine)]
    await desk.assert_nothing_lost()


async def test_invitation_that_is_not_used_ends(desk: Desk) -> None:
    interest, full = await publish(desk, INTEREST_CALL), await publish(desk, FULL_CALL)
    desk.clock.instant = OPEN
    expression = await express(desk, interest["id"], FIRM)
    desk.clock.instant = DECIDED
    await desk.deliver(chosen(expression, interest["id"], FIRM))
    begun = await draft(desk, firm(), full["id"], form_of(FULL))
    await desk.request(firm(), "POST", f"/applications/{begun['id']}/withdrawal", json={"reason": "given-up"})
    again = await draft(desk, firm(), full["id"], form_of(FULL))
    assert again["id"] != begun["id"], "a withdrawn draft frees the invitation"
    assert (await desk.request(firm(), "POST", f"/applications/{expression}/withdrawal", 409, json={"reason": "late"}))["code"] == (
        "application-decided"
    )
    desk.clock.instant = ENDS
    (invitation,) = await desk.request(firm(), "GET", "/invitations")
    assert (invitation["state"], invitation["application_id"]) == ("ended", again["id"])
    await desk.request(firm(), "POST", f"/applications/{again['id']}/withdrawal", json={"reason": "late"})
    assert (await draft(desk, firm(), full["id"], {}, 422))["code"] == "invitation-ended"


async def test_who_was_chosen_before_is_invited_at_publication(desk: Desk) -> None:
    interest = await publish(desk, INTEREST_CALL)
    desk.clock.instant = OPEN
    expression = await express(desk, interest["id"], FIRM)
    desk.clock.instant = DECIDED
    await desk.deliver(chosen(expression, interest["id"], FIRM))
    assert await desk.events(ApplicantInvited) == []
    full = await publish(desk, FULL_CALL)
    assert [(event.body["invited_to"], event.actor) for event in await desk.events(ApplicantInvited)] == [(full["id"], "system")]
    page = (await desk.client.get(f"/api/applications/open-calls/{interest['number']}")).json()
    assert (page["step"], [one["number"] for one in page["invites_to"]]) == ("expression", [full["number"]])
    page = (await desk.client.get(f"/api/applications/open-calls/{full['number']}")).json()
    assert (page["step"], [one["number"] for one in page["invites_from"]]) == ("by-invitation", [interest["number"]])


async def test_forged_choice_invites_nobody(desk: Desk) -> None:
    interest, full = await publish(desk, INTEREST_CALL), await publish(desk, FULL_CALL)
    desk.clock.instant = OPEN
    expression = await express(desk, interest["id"], FIRM)
    honest = chosen(expression, interest["id"], FIRM)
    for changed in ({"organisation_id": OTHER_FIRM}, {"call_id": UUID(full["id"])}, {"region": "hr-koprivnica"}):
        await desk.deliver(honest.model_copy(update=changed))
    assert len(await desk.rows(DeadLetterRow)) == 3
    assert await desk.events(ApplicantInvited) == []
    assert (await desk.request(OFFICER, "GET", f"/applications/{expression}"))["decision"] is None
