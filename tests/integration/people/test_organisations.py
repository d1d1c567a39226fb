"""Organisations and their members."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.people.commands.change_member import change_member
from services.people.commands.end_membership import end_membership
from services.people.commands.end_person import end_person
from services.people.commands.invite_member import invite_member
from services.people.domain.states import InvitationState
from services.people.tables import InvitationRow, OrganisationRow
from shared.contracts.people import InvitationWithdrawn
from shared.identity.actor import Actor, Role
from shared.kernel.vocabulary import MemberRole
from tests.integration.people.conftest import STUDIO, Desk


async def registered(desk: Desk, name: str = "ada") -> tuple[Actor, str]:
    owner = await desk.person(name)
    organisation = await desk.request(owner, "POST", "/organisations", 201, json=STUDIO)
    return owner, organisation["id"]


async def joined(desk: Desk, owner: Actor, organisation: str, name: str, role: MemberRole = MemberRole.EDITOR) -> Actor:
    _, secret = await desk.run(invite_member, owner, UUID(organisation), f"{name}@people.example", role, "en")
    member = await desk.person(name)
    await desk.request(member, "POST", "/invitations/acceptance", json={"secret": secret})
    return member


async def test_link_says_which_organisation_invites(desk: Desk) -> None:
    owner, organisation = await registered(desk)
    _, secret = await desk.run(invite_member, owner, UUID(organisation), "berta@people.example", MemberRole.EDITOR, "en")
    berta, read = await desk.person("berta"), {"json": {"secret": secret}}
    offered = await desk.request(berta, "POST", "/invitations/reading", **read)
    assert (offered["organisation"], offered["role"], offered["accepted"]) == (STUDIO["name"], "editor", False)
    await desk.request(berta, "POST", "/invitations/acceptance", **read)
    assert (await desk.request(berta, "POST", "/invitations/reading", **read))["accepted"]
    for name, wrong in (("mallory", secret), ("mallory", secret[::-1])):
        refused = await desk.request(await desk.person(name), "POST", "/invitations/reading", 404, json={"secret": wrong})
        assert refused["code"] == "void-link"
    half = {**STUDIO, "size": {**STUDIO["size"], "staff": 9.5}, "version": 1}
    changed = await desk.request(owner, "PUT", f"/organisations/{organisation}", json=half)
    assert changed["size"]["staff"] == 9.5
    wrong = {**half, "size": {**half["size"], "staff": 9.555}, "version": 2}
    refused = await desk.request(owner, "PUT", f"/organisations/{organisation}", 422, json=wrong)
    assert refused["errors"][0]["reason"] == "The number has more than 2 decimals."


async def test_tax_number_has_one_spelling(desk: Desk) -> None:
    _, organisation = await registered(desk)
    [row] = await desk.rows(OrganisationRow)
    assert (str(row.id), row.tax_number) == (organisation, "5260001246")
    other = await desk.person("berta")
    for spelling in ("5260001246", "PL 526 000 12 46", "526-000-12-46"):
        answer = await desk.request(other, "POST", "/organisations", 409, json={**STUDIO, "tax_number": spelling})
        assert (answer["code"], answer["errors"][0]["field"]) == ("organisation-known", "tax_number")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tax_number": "526-000-12-47"}, "tax-number-wrong"),
        ({"country": "DK"}, "tax-number-wrong"),
        ({"country": "XX"}, "tax-number-country"),
        ({"size": {**STUDIO["size"], "staff": "2"}}, "validation"),
        ({"size": {**STUDIO["size"], "year": 2027}}, "accounts-to-come"),
        ({"name": ""}, "validation"),
        ({"nuts": "HR045"}, "validation"),
        ({"nuts": "EL522"}, "nuts-elsewhere"),
        ({"activity_code": "18.99"}, "validation"),
    ],
)
async def test_wrong_profile_names_the_field(desk: Desk, change: dict[str, Any], code: str) -> None:
    answer = await desk.request(await desk.person("ada"), "POST", "/organisations", 422, json={**STUDIO, **change})
    assert code == "validation" or answer["code"] == code
    assert answer["errors"][0]["field"].split(".")[0] in (*change, "tax_number")


async def test_codes_are_kept_as_their_lists_write_them(desk: Desk) -> None:
    person = await desk.person("ada")
    made = await desk.request(person, "POST", "/organisations", 201, json={**STUDIO, "nuts": "pl213", "activity_code": "90.02.Z"})
    assert (made["nuts"], made["activity_code"]) == ("PL213", "90.02")


async def test_greek_number_by_either_code_of_the_country(desk: Desk) -> None:
    greek = {**STUDIO, "country": "el", "tax_number": "EL 094259216"}
    answer = await desk.request(await desk.person("ada"), "POST", "/organisations", 201, json=greek)
    assert (answer["country"], answer["tax_number"]) == ("GR", "094259216")
    again = await desk.request(await desk.person("berta"), "POST", "/organisations", 409, json={**greek, "country": "GR"})
    assert again["code"] == "organisation-known"


async def test_member_comes_by_invitation_only_once(desk: Desk) -> None:
    owner, organisation = await registered(desk)
    _, secret = await desk.run(invite_member, owner, UUID(organisation), "berta@people.example", MemberRole.EDITOR, "nl")
    berta, carl = await desk.person("berta"), await desk.person("carl")
    for _ in range(2):
        await desk.request(berta, "POST", "/invitations/acceptance", json={"secret": secret})
    await desk.request(carl, "POST", "/invitations/acceptance", 404, json={"secret": secret})
    members = await desk.request(owner, "GET", f"/organisations/{organisation}/members")
    assert [(one["name"], one["role"]) for one in members] == [("ada Example", "owner"), ("berta Example", "editor")]
    assert await desk.published() == [
        "PersonRegistered", "OrganisationRegistered", "MemberJoined", "MemberInvited", "PersonRegistered", "PersonRegistered",
        "MemberJoined",
    ]  # fmt: skip


async def test_address_is_invited_once_at_a_time(desk: Desk) -> None:
    owner, organisation = await registered(desk)
    path, body = f"/organisations/{organisation}/invitations", {"email": "b@people.example", "role": "editor", "language": "nl"}
    first = await desk.request(owner, "POST", path, 201, json=body)
    again = await desk.request(owner, "POST", path, 409, json={**body, "email": "B@people.example"})
    assert (again["code"], again["errors"][0]["field"]) == ("already-invited", "email")
    await desk.request(owner, "POST", f"{path}/{first['id']}/withdrawal")
    await desk.request(owner, "POST", path, 201, json=body)


async def test_invitation_that_is_over_or_withdrawn_is_none(desk: Desk) -> None:
    owner, organisation = await registered(desk)
    first, secret = await desk.run(invite_member, owner, UUID(organisation), "b@people.example", MemberRole.EDITOR, "nl")
    late, other = await desk.run(invite_member, owner, UUID(organisation), "c@people.example", MemberRole.EDITOR, "nl")
    await desk.request(owner, "POST", f"/organisations/{organisation}/invitations/{first.id}/withdrawal")
    berta = await desk.person("berta")
    await desk.request(berta, "POST", "/invitations/acceptance", 404, json={"secret": secret})
    desk.clock.instant = late.expires_at
    await desk.request(berta, "POST", "/invitations/acceptance", 404, json={"secret": other})
    [listed] = await desk.request(owner, "GET", f"/organisations/{organisation}/invitations")
    assert (listed["id"], listed["expired"], "secret" in listed) == (str(late.id), True, False)


async def test_editor_and_stranger_change_nothing(desk: Desk) -> None:
    owner, organisation = await registered(desk)
    editor, stranger = await joined(desk, owner, organisation, "berta"), await desk.person("carl")
    place, change = f"/organisations/{organisation}", {**STUDIO, "name": "Other", "version": 1}
    invitation = {"email": "x@people.example", "role": "owner", "language": "en"}
    for actor, code in ((editor, "not-an-owner"), (stranger, "not-a-member")):
        for method, path, body in (
            ("PUT", place, change),
            ("POST", f"{place}/invitations", invitation),
            ("PUT", f"{place}/members/{editor.id}", {"role": "owner"}),
            ("POST", f"{place}/members/{owner.id}/end", None),
        ):
            answer = await desk.request(actor, method, path, 403, json=body)
            assert answer["code"] == code
    await desk.request(editor, "GET", place)
    for path in ("", "/members", "/invitations"):
        assert (await desk.request(stranger, "GET", f"{place}{path}", 403))["code"] == "not-a-member"


async def test_change_needs_the_version_that_was_read(desk: Desk) -> None:
    owner, organisation = await registered(desk)
    change = {**STUDIO, "name": "New name", "version": 1}
    answer = await desk.request(owner, "PUT", f"/organisations/{organisation}", json=change)
    assert (answer["name"], answer["version"]) == ("New name", 2)
    assert (await desk.request(owner, "PUT", f"/organisations/{organisation}", 409, json=change))["code"] == "changed-meanwhile"
    other = {**change, "version": 2, "tax_number": "1060000062"}
    assert (await desk.request(owner, "PUT", f"/organisations/{organisation}", 409, json=other))["code"] == "tax-number-fixed"


async def test_last_owner_stays_until_there_is_another(desk: Desk) -> None:
    owner, organisation = await registered(desk)
    member, place = await joined(desk, owner, organisation, "berta"), f"/organisations/{organisation}/members"
    for method, path, body in (("POST", f"{place}/{owner.id}/end", None), ("PUT", f"{place}/{owner.id}", {"role": "editor"})):
        assert (await desk.request(owner, method, path, 409, json=body))["code"] == "last-owner"
    await desk.request(owner, "PUT", f"{place}/{member.id}", json={"role": "owner"})
    answer = await desk.client.post(f"/api/people{place}/{owner.id}/end", headers={"Authorization": f"Bearer {desk.issuer.mint(owner)}"})
    assert answer.status_code == 204
    assert (await desk.request(owner, "GET", place, 403))["code"] == "not-a-member"
    assert owner.id in (await desk.client.get("/api/people/revocations")).json()["issued"]


async def invited(desk: Desk, owner: Actor, organisation: str, name: str) -> str:
    """The secret of the link that goes to the address."""
    _, secret = await desk.run(invite_member, owner, UUID(organisation), f"{name}@people.example", MemberRole.OWNER, "en")
    return secret


async def open_invitations(desk: Desk) -> int:
    return len([row for row in await desk.rows(InvitationRow) if row.state == InvitationState.OPEN])


Act = Callable[[Desk, Actor, str, Actor], Awaitable[Any]]


async def removed(desk: Desk, owner: Actor, organisation: str, other: Actor) -> None:
    await desk.run(end_membership, owner, UUID(organisation), UUID(other.id), desk.now)


async def left(desk: Desk, _: Actor, organisation: str, other: Actor) -> None:
    await desk.run(end_membership, other, UUID(organisation), UUID(other.id), desk.now)


async def demoted(desk: Desk, owner: Actor, organisation: str, other: Actor) -> None:
    await desk.run(change_member, owner, UUID(organisation), UUID(other.id), MemberRole.EDITOR)


async def account_closed(desk: Desk, _: Actor, __: str, other: Actor) -> None:
    one, two = [await desk.administrator(name) for name in ("one", "two")]
    await desk.given(one, two, other.id, Role.AUDITOR)
    await desk.run(end_person, one, UUID(other.id), "left", desk.now)


@pytest.mark.parametrize("act", [removed, left, demoted, account_closed])
async def test_invitations_end_with_the_right_to_invite(desk: Desk, act: Act) -> None:
    owner, organisation = await registered(desk)
    other = await joined(desk, owner, organisation, "berta", MemberRole.OWNER)
    secret, kept = await invited(desk, other, organisation, "mallory"), await invited(desk, owner, organisation, "carl")
    await act(desk, owner, organisation, other)
    assert await open_invitations(desk) == 1
    assert await desk.published(InvitationWithdrawn) == ["InvitationWithdrawn"]
    await desk.request(await desk.person("mallory"), "POST", "/invitations/acceptance", 404, json={"secret": secret})
    await desk.request(await desk.person("carl"), "POST", "/invitations/acceptance", json={"secret": kept})


async def test_right_to_invite_is_asked_at_acceptance(desk: Desk) -> None:
    """Whatever ended it, and left the invitation open."""
    owner, organisation = await registered(desk)
    other = await joined(desk, owner, organisation, "berta", MemberRole.OWNER)
    secret = await invited(desk, other, organisation, "mallory")
    async with desk.sessions.begin() as session:
        await session.execute(text("UPDATE memberships SET role = 'editor' WHERE invitation_id IS NOT NULL"))
    await desk.request(await desk.person("mallory"), "POST", "/invitations/acceptance", 404, json={"secret": secret})
    assert await open_invitations(desk) == 1


async def test_account_of_an_only_owner_stays_open(desk: Desk) -> None:
    owner, organisation = await registered(desk)
    member, one, two = await joined(desk, owner, organisation, "berta"), await desk.administrator("one"), await desk.administrator("two")
    await desk.given(one, two, owner.id, Role.AUDITOR)
    path = f"/persons/{owner.id}/end"
    assert (await desk.request(one, "POST", path, 409, json={"reason": "left"}))["code"] == "last-owner"
    await desk.request(one, "POST", f"/persons/{owner.id}/sign-ins/end", json={"reason": "left"})
    await desk.request(owner, "PUT", f"/organisations/{organisation}/members/{member.id}", json={"role": "owner"})
    await desk.request(one, "POST", path, json={"reason": "left"})
    members = await desk.request(member, "GET", f"/organisations/{organisation}/members")
    assert [(each["person_id"], each["role"]) for each in members] == [(member.id, "owner")]


async def test_owner_whose_account_is_closed_is_no_owner(desk: Desk) -> None:
    """Of a time when closing an account left the memberships."""
    owner, organisation = await registered(desk)
    other = await joined(desk, owner, organisation, "berta", MemberRole.OWNER)
    async with desk.sessions.begin() as session:
        await session.execute(text("UPDATE persons SET ended_at = now() WHERE id = :id"), {"id": other.id})
    answer = await desk.request(owner, "POST", f"/organisations/{organisation}/members/{owner.id}/end", 409)
    assert answer["code"] == "last-owner"


async def test_two_owners_are_not_closed_at_the_same_moment(desk: Desk) -> None:
    owner, organisation = await registered(desk)
    other = await joined(desk, owner, organisation, "berta", MemberRole.OWNER)
    one, two = await desk.administrator("one"), await desk.administrator("two")
    for person in (owner, other):
        await desk.given(one, two, person.id, Role.AUDITOR)
    closing = (desk.run(end_person, by, UUID(person.id), "left", desk.now) for by, person in ((one, owner), (two, other)))
    results = await asyncio.gather(*closing, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "PersonRow"]
