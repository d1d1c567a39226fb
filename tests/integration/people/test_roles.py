"""Roles are proposed by one administrator and confirmed by another. Who has none is nobody to them."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from services.people.tables import RoleGrantRow
from shared.contracts.people import RoleEnded, RoleGranted, RoleProposed, RoleRefused
from shared.identity.actor import Actor, Role
from tests.integration.people.conftest import REGION, START, Desk


def body(person: str, role: Role, **more: str) -> dict[str, str]:
    return {"person_id": person, "role": role, "region": REGION, "reason": "appointed"} | more


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.APPLICANT}))
async def test_role_needs_a_second_administrator(desk: Desk, role: Role) -> None:
    one, two = await desk.administrator("ada"), await desk.administrator("berta")
    carl = await desk.person("carl")
    grant = await desk.request(one, "POST", "/roles", 201, json=body(carl.id, role))
    assert (grant["state"], grant["in_force"], (await desk.person("carl")).roles) == ("proposed", False, set())
    refused = await desk.request(one, "POST", f"/roles/{grant['id']}/confirmation", 403, json={"reason": "yes"})
    assert refused["code"] == "own-proposal"
    confirmed = await desk.request(two, "POST", f"/roles/{grant['id']}/confirmation", json={"reason": "yes"})
    assert (confirmed["state"], confirmed["in_force"], (await desk.person("carl")).roles) == ("granted", True, {role})
    assert await desk.published(RoleProposed, RoleGranted, key=UUID(carl.id)) == ["RoleProposed", "RoleGranted"]


async def test_role_holds_between_its_dates(desk: Desk) -> None:
    one, two, carl = await desk.administrator("ada"), await desk.administrator("berta"), await desk.person("carl")
    await desk.given(one, two, carl.id, Role.AUDITOR, valid_until=(START + timedelta(days=2)).isoformat())
    assert (await desk.person("carl")).roles == {Role.AUDITOR}
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
    one, two, carl = await desk.administrator("ada"), await desk.administrator("berta"), await desk.person("carl")
    grant = await desk.given(one, two, carl.id, Role.AUDITOR)
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
    assert [(each["id"], each["name"]) for each in found["items"]] == [(carl.id, None)]
    assert carl.id not in {each["id"] for each in (await desk.request(one, "GET", "/persons"))["items"]}
    assert len(await desk.rows(RoleGrantRow)) == 1


async def test_only_verified_addresses_find_a_person(desk: Desk) -> None:
    one, carl = await desk.administrator("ada"), await desk.person("carl")
    for claims in ({"email_verified": False}, {"email_verified": None}, {"email_verified": "true"}):
        await desk.sign_in("mallory", email="carl@people.example", **claims)
    found = await desk.request(one, "GET", "/persons", params={"email": "carl@people.example"})
    assert [each["id"] for each in found["items"]] == [carl.id]


async def seen_by(desk: Desk, administrator: Actor, person: Actor) -> set[str]:
    """Where the administrator reads the name or address of a person: the list of persons, of roles, the search by address."""
    answers = {
        "persons": await desk.request(administrator, "GET", "/persons"),
        "roles": await desk.request(administrator, "GET", "/roles", params={"person_id": person.id}),
        "search": await desk.request(administrator, "GET", "/persons", params={"email": "carl@people.example"}),
    }
    of_person = {
        place: [one for one in answer["items"] if one.get("person_id", one["id"]) == person.id] for place, answer in answers.items()
    }
    return {place for place, items in of_person.items() if any(one["name"] or (place == "roles" and one["email"]) for one in items)}


async def closing(desk: Desk, administrator: Actor, person: Actor) -> set[str]:
    """The codes of the refusals to an administrator who would sign the person out or close the account."""
    paths = (f"/persons/{person.id}/sign-ins/end", f"/persons/{person.id}/end")
    tried = [await desk.request(administrator, "POST", path, 404, json={"reason": "mine"}) for path in paths]
    return {answer["code"] for answer in tried}


@pytest.mark.parametrize("role", [Role.OFFICER, Role.EVALUATOR, Role.AUDITOR])
async def test_proposal_shows_nobody_and_closes_nothing(desk: Desk, role: Role) -> None:
    """Of a person who has a role in another region."""
    ada, berta = await desk.administrator("ada"), await desk.administrator("berta")
    there = await desk.administrator("dora", "pl-malopolska")
    carl = await desk.person("carl")
    await desk.given(ada, berta, carl.id, Role.OFFICER)
    proposed = await desk.request(there, "POST", "/roles", 201, json=body(carl.id, role) | {"region": "pl-malopolska"})
    assert (proposed["name"], proposed["email"]) == (None, None)
    assert await seen_by(desk, there, carl) == set()
    assert await closing(desk, there, carl) == {"unknown-person"}
    assert await seen_by(desk, berta, carl) == {"persons", "roles", "search"}
    await desk.request(ada, "POST", f"/persons/{carl.id}/sign-ins/end", json={"reason": "lost"})
    await desk.request(ada, "POST", f"/persons/{carl.id}/end", json={"reason": "left"})


async def test_role_that_is_over_shows_nobody_and_closes_nothing(desk: Desk) -> None:
    one, two, carl = await desk.administrator("ada"), await desk.administrator("berta"), await desk.person("carl")
    ended = await desk.given(one, two, carl.id, Role.AUDITOR)
    await desk.request(one, "POST", f"/roles/{ended['id']}/end", json={"reason": "left"})
    await desk.given(one, two, carl.id, Role.FINANCE, valid_until=(START + timedelta(days=2)).isoformat())
    assert await seen_by(desk, one, carl) == {"persons", "roles", "search"}
    desk.clock.instant = START + timedelta(days=2)
    assert await seen_by(desk, one, carl) == set()
    assert await closing(desk, one, carl) == {"unknown-person"}


async def test_role_that_only_a_row_gives_closes_nothing(desk: Desk) -> None:
    one, carl = await desk.administrator("ada"), await desk.person("carl")
    await desk.request(one, "POST", "/roles", 201, json=body(carl.id, Role.FINANCE))
    async with desk.sessions.begin() as session:
        await session.execute(text("UPDATE role_grants SET state = 'granted', decided_by = 'x', decided_at = now()"))
    assert await closing(desk, one, carl) == {"unknown-person"}


async def test_person_reads_the_own_name_beside_a_proposal(desk: Desk) -> None:
    one, carl = await desk.administrator("ada"), await desk.person("carl")
    await desk.request(one, "POST", "/roles", 201, json=body(carl.id, Role.AUDITOR))
    [role] = (await desk.request(carl, "GET", "/me"))["roles"]
    assert (role["name"], role["state"]) == ("carl Example", "proposed")


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
