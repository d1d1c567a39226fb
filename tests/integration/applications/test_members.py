"""All members of the organisation that applies are on its side, also those who write nothing."""

import asyncio
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from shared.contracts.applications import ApplicantMemberRecorded
from shared.contracts.people import MemberJoined, MemberLeft
from shared.identity.actor import Actor, Role, grants
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MemberRole
from tests.integration.applications.conftest import Desk
from tests.support.applications import FIRM, HERE, OFFICER, applicant, form_with

SILENT = new_id()
"""A member who never writes a word."""


async def joins(desk: Desk, person: UUID = SILENT, ago: int = 0) -> None:
    """`ago`: days."""
    joined = MemberJoined(organisation_id=FIRM, person_id=person, role=MemberRole.OWNER, invitation_id=None)
    await desk.deliver(joined, ago=timedelta(days=ago), twice=True)


async def leaves(desk: Desk, ago: int = 0) -> None:
    await desk.deliver(MemberLeft(organisation_id=FIRM, person_id=SILENT), ago=timedelta(days=ago))


async def recorded(desk: Desk) -> list[tuple[str, str]]:
    """Application and person of each record."""
    return [(row.body["application_id"], row.body["person_id"]) for row in await desk.events(ApplicantMemberRecorded)]


async def test_silent_member_takes_no_step_in_the_call(desk: Desk, call_id: str) -> None:
    """Not in the case of a competitor either."""
    await joins(desk)
    await desk.submitted(call_id, FIRM)
    other = await desk.submitted(call_id, new_id())
    member = Actor(str(SILENT), grants({Role.OFFICER}, {HERE}))
    refusal = await desk.request(member, "POST", f"/applications/{other}/screening", 403)
    assert refusal["code"] == "incompatible-step"
    await desk.screen(other)


async def test_members_are_recorded_once_whichever_comes_first(desk: Desk, call_id: str) -> None:
    """Two who joined before, one of them the writer, and one who joins later; a step of the writer is an event of its own."""
    writer = Actor(str(new_id()), grants({Role.APPLICANT}, {HERE}), FIRM)
    await joins(desk, UUID(writer.id))
    await joins(desk)
    body = {"call_id": call_id, "form": form_with()}
    application = (await desk.request(writer, "POST", "/applications", 201, key=f"key-{new_id()}", json=body))["id"]
    assert await recorded(desk) == [(application, str(SILENT))]
    await joins(desk, later := new_id())
    await joins(desk, later)
    assert await recorded(desk) == [(application, str(SILENT)), (application, str(later))]


async def test_imported_application_has_its_members(desk: Desk, call_id: str) -> None:
    await joins(desk)
    row = {"row_key": "row-1", "organisation_id": str(FIRM), "form": form_with()}
    [result] = (await desk.request(OFFICER, "POST", "/imports", json={"call_id": call_id, "rows": [row]}))["results"]
    assert await recorded(desk) == [(result["application_id"], str(SILENT))]


@pytest.mark.parametrize("late", ["joined", "left"])
@pytest.mark.parametrize(("years", "counts"), [(1, True), (3, False)])
async def test_who_has_left_counts_for_two_years(desk: Desk, call_id: str, late: str, years: int, counts: bool) -> None:
    """The newer event decides, whichever arrives last."""
    steps = [partial(joins, desk, ago=years * 365 + 1), partial(leaves, desk, ago=years * 365)]
    for step in steps if late == "left" else reversed(steps):
        await step()
    application = (await desk.draft(call_id, FIRM))["id"]
    assert await recorded(desk) == [(application, str(SILENT))] * counts


async def test_who_joins_while_a_draft_is_begun_is_recorded(desk: Desk, call_id: str) -> None:
    drafts, people = [desk.draft(call_id, FIRM) for _ in range(3)], [new_id() for _ in range(4)]
    results = await asyncio.gather(*drafts, *(joins(desk, person) for person in people))
    applications = [draft["id"] for draft in results[:3]]
    assert sorted(await recorded(desk)) == sorted((one, str(person)) for one in applications for person in people)
    assert applicant(FIRM).id not in {person for _, person in await recorded(desk)}
