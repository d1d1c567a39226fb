"""A person closes the own account: what keeps it from being closed, what ends with it, and what is known afterwards."""

import asyncio
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from deploy.embedded.identity import unverified_claims
from services.people.commands.accept_invitation import accept_invitation
from services.people.commands.close_own_account import close_own_account
from services.people.commands.end_person import end_person
from services.people.commands.erase_person_as_operator import erase_person_as_operator
from services.people.commands.invite_member import invite_member
from services.people.commands.register_machine import register_machine
from services.people.commands.register_organisation import register_organisation
from services.people.domain.organisations import Profile
from services.people.domain.states import GrantState, InvitationState, MailState
from services.people.jobs.erasure import PersonErasure
from services.people.locks import lock_person
from services.people.tables import InvitationRow, MailRow, MembershipRow, PersonRow, RoleGrantRow, SignInRow
from shared.contracts.people import InvitationWithdrawn, MemberLeft, PersonEnded, PersonErased, RoleEnded, RoleGranted
from shared.contracts.vouchers import VoucherClosed
from shared.identity.actor import OPERATOR, Actor, Role
from shared.kernel.errors import Conflict, Forbidden, NotFound, Unauthenticated
from shared.kernel.vocabulary import MemberRole, VoucherOutcome
from shared.messaging.context import Context
from shared.privacy.erasures import ErasureList
from tests.integration.people.conftest import EXCHANGE, REGION, STUDIO, Desk, Post
from tests.integration.people.mailed_case import Case
from tests.integration.people.test_organisations import joined, registered
from tests.support.databases import run_as_owner
from tests.support.desk import FrozenClock
from tests.support.evaluation import DRAW, Scene

WORDS = ("ada Example", "ada@people.example", "secret-name")


async def close(desk: Desk, actor: Actor, expect: int = 200) -> Any:
    return await desk.request(Actor(actor.id, actor.grants, fresh=True), "POST", "/me/closure", expect)


async def person(desk: Desk, actor: Actor) -> PersonRow:
    return await desk.row(PersonRow, UUID(actor.id))


async def all_texts(desk: Desk) -> str:
    """All that the events say."""
    return str([row.model_dump() for row in await desk.events()])


async def erase_due(desk: Desk) -> None:
    await PersonErasure(desk.sessions, desk.clock, desk.policies, FrozenClock(desk.clock.now())).erase()


async def test_closing_ends_all_and_leaves_no_name(
    desk: Desk, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    ada, organisation = await registered(desk)
    await joined(desk, ada, organisation, "berta", MemberRole.OWNER)
    await desk.run(invite_member, ada, UUID(organisation), "carl@people.example", MemberRole.EDITOR, "en")
    seen = await desk.request(ada, "GET", "/me/closure")
    assert (seen["closed_at"], seen["obstacles"], seen["name_kept"]) == (None, [], False)
    closed = await close(desk, ada)
    assert (closed["closed_at"], closed["name_kept"]) == (desk.clock.instant.isoformat().replace("+00:00", "Z"), False)
    row = await person(desk, ada)
    assert (row.name, row.email, row.subject, row.email_key, row.sign_in_key, row.erasing) == (None, None, None, None, None, False)
    assert [one.ended_at is None for one in await desk.rows(MembershipRow) if str(one.person_id) == ada.id] == [False]
    assert {one.state for one in await desk.rows(InvitationRow) if str(one.invited_by) == ada.id} == {
        InvitationState.ACCEPTED,
        InvitationState.WITHDRAWN,
    }
    kept = (InvitationWithdrawn, MemberLeft, PersonEnded, PersonErased)
    assert await desk.published(*kept) == ["InvitationWithdrawn", "MemberLeft", "PersonEnded", "PersonErased"]
    [event] = await desk.events(PersonErased)
    assert (event.actor, event.body) == (ada.id, {"person_id": ada.id})
    said = await all_texts(desk) + caplog.text + capsys.readouterr().out
    assert not [word for word in WORDS if word in said]


async def test_tokens_of_a_closed_person_are_void(desk: Desk) -> None:
    signed_in = await desk.sign_in("ada")
    await desk.ask(signed_in["access_token"], "GET", "/me")
    await desk.ask(signed_in["access_token"], "POST", "/me/closure")
    assert [row.ended_at is None for row in await desk.rows(SignInRow)] == [False]
    refresh = {"grant_type": "refresh_token", "refresh_token": signed_in["refresh_token"]}
    assert (await desk.token(400, **refresh))["code"] == "signed-out"
    voids = (await desk.client.get("/api/people/revocations")).json()
    assert desk.actor_of(signed_in["access_token"]).id in voids["persons"]


async def test_next_sign_in_is_of_a_new_person(desk: Desk) -> None:
    ada = await desk.person("ada")
    await close(desk, ada)
    again = await desk.person("ada")
    assert again.id != ada.id
    assert (await person(desk, again)).name == "ada Example"
    assert (await desk.request(again, "GET", "/me"))["organisations"] == []
    assert (await desk.request(ada, "GET", "/me", 403))["code"] == "person-ended"


async def test_old_sign_in_closes_nothing(desk: Desk) -> None:
    ada, signed_in = await desk.person("ada"), await desk.sign_in("ada")
    old = desk.issuer.mint(ada, auth_time=int(time.time()) - 16 * 60)
    assert (await desk.ask(old, "POST", "/me/closure", 401))["code"] == "fresh-sign-in-needed"
    with pytest.raises(Unauthenticated):
        async with desk.sessions.begin() as session:
            await close_own_account(Context(session, replace(ada, fresh=False), desk.policies, desk.clock.now), desk.now)
    at = unverified_claims(signed_in["access_token"])["auth_time"]
    desk.now += 16 * 60
    renewed = await desk.token(grant_type="refresh_token", refresh_token=signed_in["refresh_token"])
    assert unverified_claims(renewed["access_token"])["auth_time"] == at
    assert (await person(desk, ada)).ended_at is None


async def test_stranger_and_machine_close_nothing(desk: Desk) -> None:
    boss = await desk.administrator("boss")
    machine, _ = await desk.run(register_machine, boss, "Accounting")
    stranger = Actor(str(UUID(int=1)), frozenset(), fresh=True)
    assert (await desk.request(stranger, "POST", "/me/closure", 404))["code"] == "unknown-person"
    with pytest.raises(NotFound):
        await desk.run(erase_person_as_operator, OPERATOR, machine.id, "letter-1", desk.now)
    as_machine = Actor(boss.id, boss.grants, fresh=True, machine=str(machine.id))
    assert (await desk.request(as_machine, "POST", "/me/closure", 403))["code"] in ("machine", "wrong-role")
    assert await desk.events(PersonEnded) == []


async def test_only_owner_with_others_makes_another_first(desk: Desk) -> None:
    ada, organisation = await registered(desk)
    berta = await joined(desk, ada, organisation, "berta")
    [obstacle] = (await desk.request(ada, "GET", "/me/closure"))["obstacles"]
    assert (obstacle["kind"], obstacle["organisation_id"], obstacle["organisation"]) == ("last-owner", organisation, STUDIO["name"])
    assert (await close(desk, ada, 409))["code"] == "last-owner"
    assert (await person(desk, ada)).ended_at is None
    await desk.request(ada, "PUT", f"/organisations/{organisation}/members/{berta.id}", json={"role": "owner"})
    await close(desk, ada)


async def test_only_person_with_running_cases_stays(desk: Desk) -> None:
    ada, organisation = await registered(desk)
    case = Case(UUID(organisation), Scene(DRAW))
    await desk.deliver(case.submitted())
    assert (await desk.request(ada, "GET", "/me/closure"))["obstacles"][0]["kind"] == "running-cases"
    assert (await close(desk, ada, 409))["code"] == "running-cases"
    about = {name: value for name, value in case.voucher.items() if name != "organisation_id"}
    await desk.deliver(VoucherClosed(**about, outcome=VoucherOutcome.NOT_FUNDED))
    assert (await close(desk, ada, 409))["code"] == "running-cases"
    await desk.deliver(VoucherClosed(**about, outcome=VoucherOutcome.SETTLED))
    await close(desk, ada)


async def test_draft_runs_until_its_call_has_closed(desk: Desk) -> None:
    ada, organisation = await registered(desk)
    case = Case(UUID(organisation), Scene(DRAW))
    await desk.deliver(case.begun())
    assert (await close(desk, ada, 409))["code"] == "running-cases"
    published = case.published()
    await desk.deliver(published)
    assert (await close(desk, ada, 409))["code"] == "running-cases"
    desk.clock.instant = published.closes_at
    await close(desk, ada)


async def test_number_of_a_left_organisation_is_free(desk: Desk) -> None:
    """Who registers it gets a new organisation, with nothing of the old one."""
    ada, organisation = await registered(desk)
    await close(desk, ada)
    berta, other = await registered(desk, "berta")
    assert other != organisation
    assert (await desk.request(berta, "GET", f"/organisations/{organisation}", 403))["code"] == "not-a-member"
    carl = await desk.person("carl")
    assert (await desk.request(carl, "POST", "/organisations", 409, json=STUDIO))["code"] == "organisation-known"


async def test_last_administrator_stays(desk: Desk) -> None:
    one = await desk.administrator("one")
    [obstacle] = (await desk.request(one, "GET", "/me/closure"))["obstacles"]
    assert (obstacle["kind"], obstacle["region"]) == ("last-administrator", REGION)
    assert (await close(desk, one, 409))["code"] == "last-administrator"
    with pytest.raises(Conflict):
        await desk.run(erase_person_as_operator, OPERATOR, UUID(one.id), "letter-1", desk.now)
    await desk.administrator("two")
    await close(desk, one)
    assert {row.body["role"] for row in await desk.events(RoleEnded)} == {"administrator"}


async def test_roles_and_machines_end_and_the_name_stays_its_term(desk: Desk) -> None:
    """Who decided about public money is known by name as long as what was decided is kept."""
    one, two, ada = await desk.administrator("one"), await desk.administrator("two"), await desk.person("ada")
    await desk.given(one, two, ada.id, Role.AUDITOR)
    await desk.administrator("three")
    machine, _ = await desk.run(register_machine, one, "Accounting")
    for leaving in (one, ada):
        closed = await close(desk, leaving)
        assert closed["name_kept"] is True
    assert (await desk.row(PersonRow, machine.id)).ended_at is not None
    assert {row.state for row in await desk.rows(RoleGrantRow) if str(row.person_id) in (ada.id, one.id)} == {GrantState.ENDED}
    row = await person(desk, ada)
    assert (row.name, row.sign_in_key, row.email_key, row.erasing) == ("ada Example", None, None, True)
    assert (await desk.person("ada")).id != ada.id
    until = datetime.fromisoformat(closed["name_kept_until"])
    assert until > desk.clock.instant + timedelta(days=3650)
    desk.clock.instant = until - timedelta(seconds=1)
    await erase_due(desk)
    assert (await person(desk, ada)).name == "ada Example"
    desk.clock.instant = until
    await erase_due(desk)
    await erase_due(desk)
    assert ((await person(desk, ada)).name, await desk.published(PersonErased, key=UUID(ada.id))) == (None, ["PersonErased"])


async def test_proposal_for_a_closed_person_is_not_confirmed(desk: Desk) -> None:
    one, two, ada = await desk.administrator("one"), await desk.administrator("two"), await desk.person("ada")
    body = {"person_id": ada.id, "role": Role.AUDITOR, "region": REGION, "reason": "appointed"}
    grant = await desk.request(one, "POST", "/roles", 201, json=body)
    await close(desk, ada)
    assert (await desk.request(two, "POST", f"/roles/{grant['id']}/confirmation", 403, json={"reason": "yes"}))["code"] == "person-ended"
    assert (await desk.request(one, "POST", "/roles", 403, json={**body, "role": Role.OFFICER}))["code"] == "person-ended"
    await desk.request(two, "POST", f"/roles/{grant['id']}/refusal", json={"reason": "closed"})


async def test_invitations_to_a_verified_address_are_withdrawn(desk: Desk) -> None:
    """Else a stranger, who says of the own provider that the address is theirs, could take back what was sent to another one."""
    berta, organisation = await registered(desk, "berta")
    for email in ("ada@people.example", "eve@people.example"):
        await desk.run(invite_member, berta, UUID(organisation), email, MemberRole.EDITOR, "en")
    liar = await desk.token(**EXCHANGE, subject_token=desk.id_token("liar", email="eve@people.example", email_verified=False))
    for leaving in (await desk.person("ada"), desk.actor_of(liar["access_token"])):
        await close(desk, leaving)
    rows = {row.email: row.state for row in await desk.rows(InvitationRow)}
    assert rows == {None: InvitationState.WITHDRAWN, "eve@people.example": InvitationState.OPEN}


async def test_address_of_an_accepted_invitation_goes(desk: Desk) -> None:
    ada, organisation = await registered(desk)
    berta = await joined(desk, ada, organisation, "berta")
    await close(desk, berta)
    assert [(row.email, row.state) for row in await desk.rows(InvitationRow)] == [(None, InvitationState.ACCEPTED)]


async def test_late_events_send_a_closed_person_nothing(desk: Desk, post: Post) -> None:
    ada, organisation = await registered(desk)
    berta = await joined(desk, ada, organisation, "berta", MemberRole.OWNER)
    case = Case(UUID(organisation), Scene(DRAW))
    await desk.deliver(case.submitted())
    await close(desk, ada)
    assert {row.reason for row in await desk.rows(MailRow) if str(row.recipient_id) == ada.id} == {"no-recipient"}
    await desk.deliver(case.submitted(revision=2))
    await post.deliver()
    sent = {str(row.recipient_id): row.state for row in await desk.rows(MailRow) if row.case_id}
    assert sent == {ada.id: MailState.FAILED, berta.id: MailState.SENT}
    assert "ada@people.example" not in str(post.mailbox.__dict__)
    await desk.assert_nothing_lost()


async def test_role_granted_before_the_closing_comes_late(desk: Desk) -> None:
    one, two, ada = await desk.administrator("one"), await desk.administrator("two"), await desk.person("ada")
    await desk.given(one, two, ada.id, Role.AUDITOR)
    await close(desk, ada)
    for row in await desk.events(RoleGranted, key=UUID(ada.id)):
        await desk.deliver(RoleGranted.model_validate(row.body))
    assert [row for row in await desk.rows(MailRow) if str(row.recipient_id) == ada.id] == []
    await desk.assert_nothing_lost()


async def test_two_closings_at_once_are_one(desk: Desk) -> None:
    ada, _ = await registered(desk)
    await asyncio.gather(*(close(desk, ada) for _ in range(3)))
    assert await desk.published(PersonEnded, PersonErased, MemberLeft) == ["MemberLeft", "PersonEnded", "PersonErased"]


async def test_two_administrators_who_close_at_once_leave_one(desk: Desk) -> None:
    one, two = await desk.administrator("one"), await desk.administrator("two")
    results = await asyncio.gather(*(desk.run(close_own_account, each, desk.now) for each in (one, two)), return_exceptions=True)
    assert [type(result) for result in results if isinstance(result, Exception)] == [Conflict]
    assert len(await desk.events(PersonEnded)) == 1


async def test_two_owners_who_close_at_once_leave_one(desk: Desk) -> None:
    ada, organisation = await registered(desk)
    berta = await joined(desk, ada, organisation, "berta", MemberRole.OWNER)
    await joined(desk, ada, organisation, "carl")
    results = await asyncio.gather(*(desk.run(close_own_account, each, desk.now) for each in (ada, berta)), return_exceptions=True)
    assert [type(result) for result in results if isinstance(result, Exception)] == [Conflict]
    assert len(await desk.events(PersonEnded)) == 1


@pytest.mark.parametrize("late", ["accepts", "registers"])
async def test_who_waited_while_the_account_was_closed_gets_nothing(desk: Desk, late: str) -> None:
    """The account is open when the request is read, and closed when its lock is free."""
    berta, organisation = await registered(desk, "berta")
    _, secret = await desk.run(invite_member, berta, UUID(organisation), "x@people.example", MemberRole.EDITOR, "en")
    ada = await desk.person("ada")
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    profile = Profile("DK", "13585628", "Other", STUDIO["seat"], STUDIO["size"], "DK032", "90")
    act = desk.run(accept_invitation, ada, secret) if late == "accepts" else desk.run(register_organisation, ada, profile)
    async with desk.sessions() as watcher, desk.sessions.begin() as holder:
        context = Context(holder, Actor(ada.id, frozenset(), fresh=True), desk.policies, desk.clock.now)
        await lock_person(context, UUID(ada.id))
        task = asyncio.ensure_future(act)
        async with asyncio.timeout(20):
            while not await watcher.scalar(waiting):
                await watcher.rollback()
                await asyncio.sleep(0.02)
        await close_own_account(context, desk.now)
    with pytest.raises(Forbidden):
        await task
    assert [row for row in await desk.rows(MembershipRow) if str(row.person_id) == ada.id] == []


async def test_who_was_shut_out_stays_so_after_an_erasure(desk: Desk) -> None:
    one, two, ada = await desk.administrator("one"), await desk.administrator("two"), await desk.person("ada")
    await desk.given(one, two, ada.id, Role.AUDITOR)
    await desk.run(end_person, one, UUID(ada.id), "misuse", desk.now)
    assert (await person(desk, ada)).name == "ada Example"
    assert {row.state for row in await desk.rows(RoleGrantRow) if str(row.person_id) == ada.id} == {GrantState.ENDED}
    await desk.run(erase_person_as_operator, OPERATOR, UUID(ada.id), "letter-1", desk.now)
    desk.clock.instant += timedelta(days=9000)
    await erase_due(desk)
    assert (await person(desk, ada)).name is None
    answer = await desk.token(400, **EXCHANGE, subject_token=desk.id_token("ada"))
    assert answer["code"] == "person-ended"


SAVED = ("persons", "subject_keys", "memberships", "invitations", "role_grants", "sign_ins")


async def test_restored_database_closes_again(desk: Desk, tmp_path: Path) -> None:
    """The backup is of before the closing, and of before the other owner: the person is gone all the same."""
    one, ada = await desk.administrator("one"), (await registered(desk))[0]
    engine = desk.sessions.kw["bind"]
    for table in SAVED:
        await run_as_owner(engine, f"CREATE TABLE saved_{table} AS TABLE {table}")
    await run_as_owner(engine, "CREATE TABLE saved_events AS SELECT max(position) AS last FROM outbox")
    erasures = ErasureList("people", desk.sessions, tmp_path, desk.clock.now)
    await close(desk, ada)
    assert await erasures.write() == 1
    await _restore(engine)
    assert (await person(desk, ada)).name == "ada Example"
    assert (await desk.request(ada, "GET", "/me"))["email"] == "ada@people.example"
    await erasures.repeat()
    await erase_due(desk)
    await erase_due(desk)
    row = await person(desk, ada)
    assert (row.name, row.sign_in_key, row.email_key, row.ended_at is None) == (None, None, None, False)
    assert await desk.published(MemberLeft, PersonEnded, PersonErased) == ["MemberLeft", "PersonEnded", "PersonErased"]
    assert {event.actor for event in await desk.events(PersonErased)} == {ada.id}
    assert (await desk.person("ada")).id != ada.id
    assert (await person(desk, one)).ended_at is None


async def _restore(engine: Any) -> None:
    columns = {
        "persons": "id: sign_in_key email_key ended_at erasing",
        "subject_keys": "subject_id: wrapped destroyed_at",
        "memberships": "id: ended_at ended_by",
        "invitations": "id: state email email_key ended_at ended_by",
        "role_grants": "id: state ended_at ended_by",
        "sign_ins": "id: ended_at",
    }
    for table, names in columns.items():
        key, _, changed = names.partition(": ")
        sets = ", ".join(f"{name} = saved.{name}" for name in changed.split())
        await run_as_owner(engine, f"UPDATE {table} t SET {sets} FROM saved_{table} saved WHERE saved.{key} = t.{key}")
    await run_as_owner(engine, "DELETE FROM outbox WHERE position > (SELECT last FROM saved_events)")
    await run_as_owner(engine, "DELETE FROM revocations")
