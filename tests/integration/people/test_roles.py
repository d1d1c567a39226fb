"""Roles are given by one administrator, and confirmed by another where they decide."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from services.people.tables import RoleGrantRow
from shared.contracts.people import RoleEnded, RoleGranted, RoleProposed, RoleRefused
from shared.identity.actor import Role
from tests.integration.people.conftest import REGION, START, Desk


def body(person: str, role: Role, **more: str) -> dict[str, str]:
    return {"person_id": person, "role": role, "region": REGION, "reason": "appointed"} | more


@pytest.mark.parametrize("role", [Role.OFFICER, Role.FINANCE, Role.ADMINISTRATOR])
async def test_role_that_decides_needs_a_second_administrator(desk: Desk, role: Role) -> None:
    one, two = await desk.administrator("ada"), await desk.administrator("berta")
    carl = await desk.person("carl")
    grant = await desk.request(one, "POST", "/roles", 201, json=body(carl.id, role))
    assert (grant["state"], grant["in_force"], (await desk.person("carl")).roles) == ("proposed", False, set())
    refused = await desk.request(one, "POST", f"/roles/{grant['id']}/confirmation", 403, json={"reason": "yes"})
    assert refused["code"] == "own-proposal"
    confirmed = await desk.request(two, "POST", f"/roles/{grant['id']}/confirmation", json={"reason": "yes"})
    assert (confirmed["state"], confirmed["in_force"], (await desk.person("carl")).roles) == ("granted", True, {role})
    assert await desk.published(RoleProposed, RoleGranted, key=UUID(carl.id)) == ["RoleProposed", "RoleGranted"]


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.AUDITOR])
async def test_other_role_holds_at_once_between_its_dates(desk: Desk, role: Role) -> None:
    one, carl = await desk.administrator("ada"), await desk.person("carl")
    until = (START + timedelta(days=2)).isoformat()
    await desk.request(one, "POST", "/roles", 201, json=body(carl.id, role, valid_until=until))
    assert (await desk.person("carl")).roles == {role}
    desk.clock.instant = START + timedelta(days=2)
    assert (await desk.person("carl")).roles == set()


async def test_nobody_decides_on_an_own_role(desk: Desk) -> None:
    one, two = await desk.administrator("ada"), await desk.administrator("berta")
    assert (await desk.request(one, "POST", "/roles", 403, json=body(one.id, Role.FINANCE)))["code"] == "own-role"
    grant = await desk.request(two, "POST", "/roles", 201, json=body(one.id, Role.FINANCE))
    for act in ("confirmation", "refusal"):
        assert (await desk.request(one, "POST", f"/roles/{grant['id']}/{act}", 403, json={"reason": "yes"}))["code"] == "own-role"


async def test_refused_role_never_holds(desk: Desk) -> None:
    one, two = await desk.administrator("ada"), await desk.administrator("berta")
    carl = await desk.person("carl")
    grant = await desk.request(one, "POST", "/roles", 201, json=body(carl.id, Role.FINANCE))
    await desk.request(two, "POST", f"/roles/{grant['id']}/refusal", json={"reason": "no-need"})
    again = await desk.request(two, "POST", f"/roles/{grant['id']}/confirmation", 409, json={"reason": "yes"})
    assert (again["code"], (await desk.person("carl")).roles) == ("role-not-proposed", set())
    assert await desk.published(RoleRefused, key=UUID(carl.id)) == ["RoleRefused"]


async def test_ended_role_voids_the_tokens_with_it(desk: Desk) -> None:
    one, carl = await desk.administrator("ada"), await desk.person("carl")
    grant = await desk.request(one, "POST", "/roles", 201, json=body(carl.id, Role.AUDITOR))
    stranger = await desk.person("dora")
    assert (await desk.request(stranger, "POST", f"/roles/{grant['id']}/end", 403, json={"reason": "x"}))["code"] == "wrong-role"
    await desk.request(one, "POST", f"/roles/{grant['id']}/end", json={"reason": "left"})
    assert (await desk.person("carl")).roles == set()
    assert carl.id in (await desk.client.get("/api/people/revocations")).json()["issued"]
    assert await desk.published(RoleEnded, key=UUID(carl.id)) == ["RoleEnded"]


async def test_applicant_is_no_role_to_give(desk: Desk) -> None:
    one, carl = await desk.administrator("ada"), await desk.person("carl")
    assert (await desk.request(one, "POST", "/roles", 422, json=body(carl.id, Role.APPLICANT)))["code"] == "role-by-membership"


async def test_role_is_given_once_at_a_time(desk: Desk) -> None:
    one, carl = await desk.administrator("ada"), await desk.person("carl")
    await desk.request(one, "POST", "/roles", 201, json=body(carl.id, Role.AUDITOR))
    assert (await desk.request(one, "POST", "/roles", 409, json=body(carl.id, Role.AUDITOR)))["code"] == "role-known"


async def test_administrator_of_another_region_gives_nothing(desk: Desk) -> None:
    other, carl = await desk.administrator("ada", "pl-malopolska"), await desk.person("carl")
    assert (await desk.request(other, "POST", "/roles", 403, json=body(carl.id, Role.AUDITOR)))["code"] == "foreign-region"
    assert (await desk.request(other, "GET", "/roles", params={"region": REGION}, expect=403))["code"] == "foreign-region"
    own = await desk.request(other, "GET", "/roles")
    assert {one["region"] for one in own["items"]} == {"pl-malopolska"}


async def test_person_is_found_by_address(desk: Desk) -> None:
    one, carl = await desk.administrator("ada"), await desk.person("carl")
    found = await desk.request(one, "GET", "/persons", params={"email": "CARL@people.example"})
    assert [each["id"] for each in found["items"]] == [carl.id]
    assert carl.id not in {each["id"] for each in (await desk.request(one, "GET", "/persons"))["items"]}
    assert len(await desk.rows(RoleGrantRow)) == 1


async def test_role_that_no_administrator_gave_does_not_hold(desk: Desk) -> None:
    """Somebody has the password of the database: rows without events, and an event without a MAC, give nothing."""
    one, carl = await desk.administrator("ada"), await desk.person("carl")
    grant = await desk.request(one, "POST", "/roles", 201, json=body(carl.id, Role.FINANCE))
    async with desk.sessions.begin() as session:
        await session.execute(text("UPDATE role_grants SET state = 'granted', decided_by = 'x', decided_at = now()"))
        await session.execute(
            text(
                "INSERT INTO role_grants (id, person_id, role, region, state, valid_from, proposed_by, proposed_at)"
                " SELECT gen_random_uuid(), person_id, 'officer', region, 'granted', valid_from, proposed_by, proposed_at"
                " FROM role_grants WHERE id = :id"
            ),
            {"id": grant["id"]},
        )
    assert (await desk.person("carl")).roles == set()
