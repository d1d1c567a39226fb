"""The password of the runtime role alone makes nobody a member, signs nobody in, and takes over no account."""

import hashlib
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from services.people.commands.invite_member import invite_member
from services.people.tables import RoleGrantRow
from shared.identity.actor import Role
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MemberRole
from tests.integration.people.conftest import EXCHANGE, STUDIO, Desk
from tests.integration.people.test_operator import Operator
from tests.support.databases import run_as_owner

SECRET = "a secret that the thief chose"
HASH = hashlib.sha256(SECRET.encode()).hexdigest()


async def as_service(desk: Desk, statement: str, **values: Any) -> None:
    """As the runtime role."""
    async with desk.sessions.begin() as session:
        await session.execute(text(statement), values)


async def registered(desk: Desk) -> tuple[str, str]:
    """An organisation and its owner's token."""
    token = (await desk.sign_in("owner"))["access_token"]
    organisation = await desk.ask(token, "POST", "/organisations", 201, json=STUDIO)
    return organisation["id"], token


async def test_row_of_a_membership_opens_no_organisation(desk: Desk) -> None:
    organisation, _ = await registered(desk)
    thief = await desk.person("thief")
    row = "INSERT INTO memberships (id, organisation_id, person_id, role, since) VALUES (:id, :organisation, :person, 'owner', now())"
    await as_service(desk, row, id=new_id(), organisation=organisation, person=thief.id)
    refusal = await desk.token(400, **EXCHANGE, subject_token=desk.id_token("thief"), organisation=organisation)
    assert refusal["code"] == "not-a-member"
    token = (await desk.sign_in("thief"))["access_token"]
    assert (await desk.ask(token, "GET", "/me"))["organisations"] == []
    await desk.ask(token, "GET", f"/organisations/{organisation}", 403)


async def test_row_of_an_editor_makes_no_owner(desk: Desk) -> None:
    organisation, owner = await registered(desk)
    invited = {"email": "thief@people.example", "role": "editor", "language": "en"}
    _, secret = await desk.run(invite_member, desk.actor_of(owner), UUID(organisation), "thief@people.example", MemberRole.EDITOR, "en")
    thief = (await desk.sign_in("thief"))["access_token"]
    await desk.ask(thief, "POST", "/invitations/acceptance", json={"secret": secret})
    await as_service(desk, "UPDATE memberships SET role = 'owner'")
    await desk.ask(thief, "POST", f"/organisations/{organisation}/invitations", 403, json=invited)


async def test_row_of_an_invitation_lets_nobody_in(desk: Desk) -> None:
    """Without an address, as an invitation of an erased person has none; with another row's it could not be read."""
    organisation, owner = await registered(desk)
    await desk.run(invite_member, desk.actor_of(owner), UUID(organisation), "berta@people.example", MemberRole.OWNER, "en")
    row = (
        "INSERT INTO invitations (id, organisation_id, email, role, language, secret_hash, state, invited_by, invited_at, expires_at) "
        "SELECT :id, organisation_id, NULL, role, language, :hash, state, invited_by, invited_at, expires_at FROM invitations"
    )
    await as_service(desk, row, id=new_id(), hash=HASH)
    thief = (await desk.sign_in("thief"))["access_token"]
    refusal = await desk.ask(thief, "POST", "/invitations/acceptance", 404, json={"secret": SECRET})
    assert refusal["code"] == "void-link"
    assert (await desk.ask(thief, "GET", "/me"))["organisations"] == []


@pytest.mark.parametrize("own", [True, False])
async def test_row_of_a_sign_in_gives_no_token(desk: Desk, own: bool) -> None:
    """A new row, and an own one that is moved to another person."""
    victim = await desk.person("victim")
    renewal = (await desk.sign_in("thief"))["refresh_token"]
    if own:
        row = "INSERT INTO sign_ins SELECT id, :person, client, signed_in_at, ends_at, secret_hash, ended_at, mac FROM own"
        await as_service(desk, f"WITH own AS (DELETE FROM sign_ins WHERE person_id <> :person RETURNING *) {row}", person=victim.id)
    else:
        row = (
            "INSERT INTO sign_ins (id, person_id, client, signed_in_at, ends_at, secret_hash) "
            "VALUES (:id, :person, 'portal', now(), now() + interval '12 hours', :hash)"
        )
        await as_service(desk, row, id=new_id(), person=victim.id, hash=HASH)
    refusal = await desk.token(400, grant_type="refresh_token", refresh_token=renewal if own else SECRET)
    assert refusal["code"] == "signed-out"


async def test_name_at_the_provider_moved_to_another_person(desk: Desk) -> None:
    victim = await desk.person("victim")
    await desk.person("thief")
    moved = (
        "WITH own AS (SELECT sign_in_key AS key FROM persons WHERE id <> :victim), "
        "away AS (UPDATE persons SET sign_in_key = 'away' WHERE id <> :victim) SELECT key FROM own"
    )
    async with desk.sessions.begin() as session:
        key = (await session.execute(text(moved), {"victim": victim.id})).scalar_one()
        await session.execute(text("UPDATE persons SET sign_in_key = :key WHERE id = :victim"), {"key": key, "victim": victim.id})
    refusal = await desk.token(400, **EXCHANGE, subject_token=desk.id_token("thief"))
    assert refusal["code"] == "signed-out"


async def test_person_in_clear_is_nobody(desk: Desk) -> None:
    """The thief's name at the provider, as text and as key of the index, in the row of another person."""
    victim = await desk.person("victim")
    await desk.person("thief")
    async with desk.sessions.begin() as session:
        key = (await session.execute(text("SELECT sign_in_key FROM persons WHERE id <> :victim"), {"victim": victim.id})).scalar_one()
        await session.execute(text("UPDATE persons SET sign_in_key = 'away' WHERE id <> :victim"), {"victim": victim.id})
        row = "UPDATE persons SET sign_in_key = :key, subject = :subject WHERE id = :victim"
        await session.execute(text(row), {"key": key, "subject": b'\x00"thief"', "victim": victim.id})
    answer = await desk.client.post("/api/people/token", data={**EXCHANGE, "subject_token": desk.id_token("thief")})
    assert (answer.status_code, "access_token" in answer.text) == (500, False)


ADDRESS = "email_key = (SELECT email_key FROM persons WHERE email_key IS NOT NULL)"


@pytest.mark.parametrize(
    ("change", "subject"),
    [("role = 'finance'", "berta"), ("id = gen_random_uuid()", "berta"), (ADDRESS, "thief")],
    ids=["role", "id", "address"],
)
async def test_changed_invitation_for_a_role_proposes_nothing(desk: Desk, change: str, subject: str) -> None:
    """Another role, a row that no invitation stands behind, and another address."""
    await Operator(desk).invite("berta@people.example", Role.AUDITOR)
    await desk.person("thief")
    await run_as_owner(desk.sessions.kw["bind"], "ALTER TABLE role_invitations DISABLE TRIGGER USER")
    await run_as_owner(desk.sessions.kw["bind"], f"UPDATE role_invitations SET {change}")
    await desk.client.post("/api/people/token", data={**EXCHANGE, "subject_token": desk.id_token(subject)})
    assert await desk.rows(RoleGrantRow) == []


async def test_secret_of_a_machine_stays(desk: Desk) -> None:
    chief = await desk.administrator("chief-1")
    await desk.request(chief, "POST", "/machines", 201, json={"name": "Exporter"})
    with pytest.raises(ProgrammingError, match="permission denied"):
        await as_service(desk, "UPDATE persons SET secret_hash = :hash WHERE machine", hash=HASH)
