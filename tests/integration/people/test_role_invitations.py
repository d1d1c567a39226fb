"""A role waits for the first sign-in with an address; an administrator who proposed it does not confirm it."""

from typing import Any

import pytest

from services.people.tables import RoleGrantRow
from shared.contracts.people import RoleInvitationWithdrawn, RoleInvited
from shared.identity.actor import Role
from tests.integration.people.conftest import REGION, Desk


def asked(email: str, role: Role = Role.OFFICER) -> dict[str, Any]:
    return {"email": email, "role": role, "region": REGION, "reason": "appointed"}


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMINISTRATOR])
async def test_invited_person_is_confirmed_by_another(desk: Desk, role: Role) -> None:
    one, two = await desk.administrator("ada"), await desk.administrator("berta")
    invitation = await desk.request(one, "POST", "/role-invitations", 201, json=asked("carl@people.example", role))
    assert (invitation["state"], invitation["email"], invitation["expired"]) == ("open", "carl@people.example", False)
    assert (await desk.person("carl")).roles == set()
    [grant] = (await desk.request(two, "GET", "/roles", params={"state": "proposed"}))["items"]
    assert (grant["role"], grant["proposed_by"]) == (role, one.id)
    refused = await desk.request(one, "POST", f"/roles/{grant['id']}/confirmation", 403, json={"reason": "yes"})
    assert refused["code"] == "own-proposal"
    await desk.request(two, "POST", f"/roles/{grant['id']}/confirmation", json={"reason": "yes"})
    assert (await desk.person("carl")).roles == {role}
    [used] = (await desk.request(two, "GET", "/role-invitations"))["items"]
    assert (used["state"], used["email"]) == ("accepted", None)


async def test_address_of_who_invites_gives_nothing(desk: Desk) -> None:
    one, two = await desk.administrator("ada"), await desk.administrator("berta")
    await desk.request(one, "POST", "/role-invitations", 201, json=asked("new@people.example"))
    again = await desk.sign_in("ada", email="new@people.example")
    assert desk.actor_of(again["access_token"]).roles == {Role.ADMINISTRATOR}
    assert (await desk.request(two, "GET", "/roles", params={"state": "proposed"}))["items"] == []


async def test_invitation_is_withdrawn_once_and_not_after_its_use(desk: Desk) -> None:
    one, two = await desk.administrator("ada"), await desk.administrator("berta")
    assert (await desk.request(one, "POST", "/role-invitations", 409, json=asked("berta@people.example")))["code"] == "address-known"
    waiting = (await desk.request(one, "POST", "/role-invitations", 201, json=asked("carl@people.example")))["id"]
    path = f"/role-invitations/{waiting}/withdrawal"
    for _ in range(2):
        assert (await desk.request(two, "POST", path, json={"reason": "mistake"}))["state"] == "withdrawn"
    await desk.person("carl")
    assert {row.role for row in await desk.rows(RoleGrantRow)} == {Role.ADMINISTRATOR}
    assert await desk.published(RoleInvited, RoleInvitationWithdrawn) == ["RoleInvited", "RoleInvitationWithdrawn"]
    used = (await desk.request(one, "POST", "/role-invitations", 201, json=asked("dora@people.example")))["id"]
    await desk.person("dora")
    again = await desk.request(two, "POST", f"/role-invitations/{used}/withdrawal", 409, json={"reason": "mistake"})
    assert again["code"] == "role-invitation-used"


async def test_names_are_of_who_acts_for_the_agency(desk: Desk) -> None:
    one, two = await desk.administrator("ada"), await desk.administrator("berta")
    carl, elsewhere = await desk.person("carl"), await desk.administrator("dora", "dk-kolding")
    wanted = {"person_id": [one.id, carl.id, elsewhere.id]}
    assert [name["name"] for name in await desk.request(two, "GET", "/names", params=wanted)] == ["ada Example"]
    grant = await desk.given(one, two, carl.id, Role.OFFICER)
    officers, foreign = {"role": "officer"}, {"role": "officer", "region": "dk-kolding"}
    assert [name["name"] for name in await desk.request(two, "GET", "/names", params=officers)] == ["carl Example"]
    assert (await desk.request(two, "GET", "/names", 403, params=foreign))["code"] == "foreign-region"
    await desk.request(two, "POST", f"/roles/{grant['id']}/end", json={"reason": "left"})
    assert await desk.request(two, "GET", "/names", params=officers) == []
    found = await desk.request(two, "GET", "/names", params=wanted)
    assert {name["name"] for name in found} == {"ada Example", "carl Example"}
