"""The operator gives a region its first administrator alone; all else that the operator wants, an administrator confirms."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from deploy.embedded.identity import unverified_claims
from operations import people
from operations.cli import people as cli
from operations.cli.main import app
from services.people.commands.end_person import end_person
from services.people.commands.propose_role import propose_role
from services.people.commands.propose_role_as_operator import propose_role_as_operator
from services.people.commands.revoke_person import revoke_person
from services.people.commands.revoke_token import revoke_token
from services.people.domain.states import GrantState
from services.people.providers import Providers
from services.people.steps.roles import Proposal
from services.people.tables import RoleGrantRow, RoleInvitationRow
from shared.contracts.people import PersonErased, RoleGranted, RoleInvited, RoleProposed, SignInsEnded
from shared.database import create_engine, sessions_of
from shared.identity.actor import OPERATOR, Actor, Role, grants
from shared.kernel.errors import Conflict, Forbidden, NotFound, Refused
from shared.messaging.context import Context
from tests.integration.people.conftest import REGION, START, Desk
from tests.support.desk import SEALING


class Operator:
    """What `triptych people` does, on the desk's database."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Context]:
        async with self.desk.sessions.begin() as session:
            yield Context(session, OPERATOR, self.desk.policies, self.desk.clock.now)

    async def grant(self, person: str, role: Role = Role.ADMINISTRATOR, region: str = REGION, **days: date) -> str:
        return (await people.grant(self.begin, person, people.Wanted(role, region, **days))).state

    async def invite(self, email: str, role: Role, **days: date) -> UUID:
        return (await people.invite(self.begin, email, people.Wanted(role, REGION, **days))).id


@pytest.fixture
def operator(desk: Desk) -> Operator:
    return Operator(desk)


async def test_first_administrator_holds_at_once(desk: Desk, operator: Operator) -> None:
    ada = await desk.person("ada")
    assert await operator.grant("ada@people.example") == GrantState.GRANTED
    assert (await desk.person("ada")).roles == {Role.ADMINISTRATOR}
    assert await desk.published(RoleProposed, RoleGranted, key=UUID(ada.id)) == ["RoleGranted"]
    [row] = await desk.rows(RoleGrantRow)
    assert (row.proposed_by, row.decided_by) == ("operator", None)


async def test_second_administrator_is_confirmed_by_the_first(desk: Desk, operator: Operator) -> None:
    ada, berta = await desk.person("ada"), await desk.person("berta")
    await operator.grant(ada.id)
    assert await operator.grant(berta.id) == GrantState.PROPOSED
    assert (await desk.person("berta")).roles == set()
    ada = await desk.person("ada")
    [proposed] = (await desk.request(ada, "GET", "/roles", params={"state": "proposed"}))["items"]
    await desk.request(ada, "POST", f"/roles/{proposed['id']}/confirmation", json={"reason": "known"})
    assert (await desk.person("berta")).roles == {Role.ADMINISTRATOR}


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.APPLICANT, Role.ADMINISTRATOR)])
async def test_operator_gives_no_other_role(desk: Desk, operator: Operator, role: Role) -> None:
    await desk.person("ada")
    assert await operator.grant("ada@people.example", role) == GrantState.PROPOSED
    assert (await desk.person("ada")).roles == set()


async def test_operator_helps_a_region_that_lost_its_administrator(desk: Desk, operator: Operator) -> None:
    """Ended by itself, run out, and an account that was closed."""
    ada, berta, carl = [await desk.person(name) for name in ("ada", "berta", "carl")]
    assert await operator.grant(ada.id, last=date(2026, 1, 12)) == GrantState.GRANTED
    desk.clock.instant = START + timedelta(days=2)
    assert await operator.grant(berta.id) == GrantState.PROPOSED
    desk.clock.instant = START + timedelta(days=3)
    assert await operator.grant(carl.id) == GrantState.GRANTED
    assert await operator.grant(carl.id, region="dk-kolding") == GrantState.GRANTED
    await desk.run(end_person, Actor("root-9", grants({Role.ADMINISTRATOR}, {REGION})), UUID(carl.id), "left", desk.now)
    dora = await desk.person("dora")
    assert await operator.grant(dora.id) == GrantState.GRANTED


async def test_row_alone_is_no_administrator(desk: Desk, operator: Operator) -> None:
    """Who has the password of the database can neither stop the first administrator nor make one."""
    ada, berta = await desk.person("ada"), await desk.person("berta")
    await operator.grant(ada.id, Role.AUDITOR)
    async with desk.sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO role_grants (id, person_id, role, region, state, valid_from, proposed_by, proposed_at) SELECT"
                " gen_random_uuid(), person_id, 'administrator', region, 'granted', valid_from, proposed_by, proposed_at FROM role_grants"
            )
        )
    assert await operator.grant(berta.id) == GrantState.GRANTED


async def test_of_two_first_administrators_one_is_the_first(desk: Desk, operator: Operator) -> None:
    persons = [await desk.person(name) for name in ("ada", "berta", "carl")]
    states = await asyncio.gather(*(operator.grant(person.id) for person in persons))
    assert sorted(states) == [GrantState.GRANTED, GrantState.PROPOSED, GrantState.PROPOSED]


async def test_administrator_has_no_way_of_the_operator(desk: Desk) -> None:
    """By the route, a person without the role, and one of the platform's names as a person."""
    ada, berta = await desk.person("ada"), await desk.person("berta")
    body = {"person_id": berta.id, "role": "administrator", "region": REGION, "reason": "mine"}
    assert (await desk.request(ada, "POST", "/roles", 403, json=body))["code"] == "wrong-role"
    proposal = Proposal(UUID(berta.id), Role.ADMINISTRATOR, REGION, START)
    with pytest.raises(Forbidden, match="None of your roles"):
        await desk.run(propose_role, OPERATOR, proposal, "mine")
    with pytest.raises(Refused, match="no such region"):
        await desk.run(propose_role_as_operator, OPERATOR, Proposal(UUID(berta.id), Role.OFFICER, "atlantis", START), "x")


async def test_operator_ends_roles_but_not_the_last_administrator(desk: Desk, operator: Operator) -> None:
    ada, berta = await desk.person("ada"), await desk.person("berta")
    await operator.grant(ada.id)
    [first] = await desk.rows(RoleGrantRow)
    with pytest.raises(Conflict, match="no administrator"):
        await people.end(operator.begin, first.id)
    auditor = await desk.given(await desk.person("ada"), await desk.administrator("two"), berta.id, Role.AUDITOR)
    assert (await desk.person("berta")).roles == {Role.AUDITOR}
    await people.end(operator.begin, UUID(auditor["id"]))
    assert (await desk.person("berta")).roles == set()
    with pytest.raises(NotFound, match="no such role"):
        await people.end(operator.begin, UUID(int=7))


async def test_invited_role_is_proposed_at_the_first_sign_in(desk: Desk, operator: Operator) -> None:
    await operator.invite("ada@people.example", Role.ADMINISTRATOR)
    await operator.invite("ADA@people.example", Role.AUDITOR)
    assert (await desk.person("ada")).roles == {Role.ADMINISTRATOR}
    assert {row.role: row.state for row in await desk.rows(RoleGrantRow)} == {"administrator": "granted", "auditor": "proposed"}
    assert {(row.state, row.email, row.email_key) for row in await desk.rows(RoleInvitationRow)} == {("accepted", None, None)}
    await desk.person("ada")
    assert len(await desk.rows(RoleGrantRow)) == 2
    assert await desk.published(RoleInvited) == ["RoleInvited", "RoleInvited"]


async def test_address_that_nobody_verified_takes_up_nothing(desk: Desk, operator: Operator) -> None:
    await operator.invite("ada@people.example", Role.ADMINISTRATOR)
    for claims in ({"email_verified": False}, {"email_verified": None}, {"email": None}, {"email": "other@people.example"}):
        await desk.sign_in("mallory", **claims)
    assert await desk.rows(RoleGrantRow) == []
    with pytest.raises(NotFound, match="Nobody has signed in"):
        await operator.grant("ada@people.example")


async def test_provider_that_verifies_addresses_needs_no_claim(desk: Desk, operator: Operator) -> None:
    await operator.invite("ada@people.example", Role.ADMINISTRATOR)
    desk.app.state.providers = Providers([desk.known.model_copy(update={"verifies_emails": True})], lambda: desk.now)
    await desk.sign_in("mallory", email_verified=False)
    assert await desk.rows(RoleGrantRow) == []
    await desk.sign_in("ada", email_verified=None)
    assert [row.state for row in await desk.rows(RoleGrantRow)] == ["granted"]


async def test_invitation_that_is_over_or_withdrawn_gives_nothing(desk: Desk, operator: Operator) -> None:
    withdrawn = await operator.invite("ada@people.example", Role.AUDITOR)
    await people.end(operator.begin, withdrawn)
    await operator.invite("ada@people.example", Role.OFFICER, last=date(2026, 1, 20))
    desk.clock.instant = START + timedelta(days=20)
    await operator.invite("berta@people.example", Role.FINANCE)
    await desk.person("ada")
    desk.clock.instant = START + timedelta(days=51)
    await desk.person("berta")
    assert await desk.rows(RoleGrantRow) == []


async def test_used_invitation_is_not_withdrawn(desk: Desk, operator: Operator) -> None:
    invitation = await operator.invite("ada@people.example", Role.AUDITOR)
    await desk.person("ada")
    with pytest.raises(Conflict, match="end the role instead"):
        await people.end(operator.begin, invitation)
    with pytest.raises(Conflict, match="people grant"):
        await operator.invite("ada@people.example", Role.OFFICER)


async def test_person_has_to_be_named_clearly(desk: Desk, operator: Operator) -> None:
    for subject in ("ada", "berta"):
        await desk.sign_in(subject, email="both@people.example")
    with pytest.raises(Conflict, match="Several persons"):
        await operator.grant("both@people.example")
    with pytest.raises(NotFound, match="neither"):
        await operator.grant("ada")
    with pytest.raises(NotFound, match="no such person"):
        await operator.grant(str(UUID(int=7)))
    with pytest.raises(Refused, match="no such region"):
        await operator.grant("both@people.example", region="atlantis")


async def test_operator_revokes_a_token_with_what_renews_it(desk: Desk) -> None:
    signed_in, other = await desk.sign_in("ada"), await desk.sign_in("ada")
    claims = unverified_claims(signed_in["access_token"])
    await desk.run(revoke_token, OPERATOR, claims["jti"], UUID(claims["sid"]), claims["exp"], desk.now)
    listed = (await desk.client.get("/api/people/revocations")).json()
    assert (claims["jti"] in listed["tokens"], claims["sid"] in listed["sign_ins"]) == (True, True)
    renewing = {"grant_type": "refresh_token"}
    assert (await desk.token(400, **renewing, refresh_token=signed_in["refresh_token"]))["code"] == "signed-out"
    await desk.token(**renewing, refresh_token=other["refresh_token"])


@pytest.mark.parametrize("known", [True, False])
async def test_operator_signs_a_person_out_everywhere(desk: Desk, known: bool) -> None:
    signed_in = await desk.sign_in("ada")
    person = desk.actor_of(signed_in["access_token"]).id if known else "somebody"
    await desk.run(revoke_person, OPERATOR, person, "lost-device", desk.now)
    assert person in (await desk.client.get("/api/people/revocations")).json()["persons"]
    await desk.token(400 if known else 200, grant_type="refresh_token", refresh_token=signed_in["refresh_token"])
    assert await desk.published(SignInsEnded) == ["SignInsEnded"] * known


async def test_command_line_grants_lists_and_ends(desk: Desk, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    url = desk.sessions.kw["bind"].url

    @asynccontextmanager
    async def transactions(*_: Any) -> AsyncIterator[Any]:
        engine = create_engine(url.render_as_string(hide_password=False))
        one = Operator(desk)
        one.desk.sessions = sessions_of(engine, SEALING)
        yield one.begin
        await engine.dispose()

    monkeypatch.setattr(cli, "transactions", transactions)
    monkeypatch.setattr(cli, "state_or_fail", lambda _: type("Kept", (), {"hash_key": ""}))
    monkeypatch.setattr(cli, "sealer_of", lambda *_: SEALING)

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, ["people", *arguments])

    await desk.person("ada")
    here = ["--role", "administrator", "--region", REGION]
    assert "It holds." in (await run("grant", "ada@people.example", *here, "--until", "2027-12-31")).output
    assert "waits for the first sign-in" in (await run("invite", "berta@people.example", *here)).output
    shown = (await run("list", "--region", REGION)).output
    assert all(part in shown for part in ("granted, in force", "ada@people.example", "invited", "2027-12-31"))
    assert "Nobody has a role yet." in (await run("list", "--region", "dk-kolding")).output
    refused = [await run("end", str(UUID(int=7))), await run("grant", "carl@people.example", *here), await run("invite", "carl", *here)]
    assert [result.exit_code for result in refused] == [1, 1, 1]
    dora = await desk.person("dora")
    erase = ["erase", "dora@people.example", "--reason"]
    refused = [await run(*erase, "Dora Example asked"), await run("erase", str(UUID(int=7)), "--reason", "letter-1")]
    assert [result.exit_code for result in refused] == [1, 1]
    assert "closed. Nothing is kept." in (await run(*erase, "letter-of-2026-11-29")).output
    assert [event.reason for event in await desk.events(PersonErased, key=UUID(dora.id))] == ["letter-of-2026-11-29"]
    assert "no administrator" in (await run("erase", "ada@people.example", "--reason", "letter-2")).output
