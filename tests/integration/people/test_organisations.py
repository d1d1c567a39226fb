"""Organisations and their members."""

from typing import Any
from uuid import UUID

import pytest

from services.people.commands.invite_member import invite_member
from services.people.tables import OrganisationRow
from shared.identity.actor import Actor
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
        ({"name": ""}, "validation"),
    ],
)
async def test_wrong_profile_names_the_field(desk: Desk, change: dict[str, Any], code: str) -> None:
    answer = await desk.request(await desk.person("ada"), "POST", "/organisations", 422, json={**STUDIO, **change})
    assert code == "validation" or answer["code"] == code
    assert answer["errors"][0]["field"].split(".")[0] in (*change, "tax_number")


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
