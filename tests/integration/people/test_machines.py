"""A machine acts for the person who registered it, with roles that two persons gave it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.people.commands.end_person import end_person
from services.people.domain.states import GrantState
from services.people.steps.events import publish_role
from services.people.tables import RoleGrantRow
from shared.contracts.people import RoleGranted
from shared.identity.actor import OPERATOR, Actor, Role
from shared.identity.duties import SECOND, Duty
from shared.identity.permissions import FRESH, WITHOUT_ROLE, authorise
from shared.kernel.errors import Forbidden, Unauthenticated
from shared.kernel.ids import new_id
from shared.messaging.acts import subjects_closed_to_actor, take_part, take_unpublished_part
from shared.messaging.context import Context
from tests.integration.people.conftest import REGION, START, Desk
from tests.integration.people.test_operator import Operator

Form = dict[str, str]


async def machine_of(desk: Desk, boss: Actor) -> tuple[str, Form]:
    """Its id, and how it asks for a token."""
    machine = await desk.request(boss, "POST", "/machines", 201, json={"name": "Accounting"})
    return machine["id"], {"grant_type": "client_credentials", "client_id": machine["id"], "client_secret": machine["secret"]}


async def acting(desk: Desk, form: Form) -> Actor:
    return desk.actor_of((await desk.token(**form))["access_token"])


async def test_machine_has_the_roles_that_two_gave_it(desk: Desk) -> None:
    boss, one, other = [await desk.administrator(name) for name in ("ada", "carla", "berta")]
    machine, form = await machine_of(desk, boss)
    for role in (Role.AUDITOR, Role.EVALUATOR):
        refused = await desk.request(boss, "POST", "/roles", 403, json=role_of(machine, role))
        assert refused["code"] == "own-role"
        grant = await desk.request(one, "POST", "/roles", 201, json=role_of(machine, role))
        assert (grant["state"], grant["name"], (await acting(desk, form)).roles) == ("proposed", "Accounting", frozenset())
        await desk.request(other, "POST", f"/roles/{grant['id']}/confirmation", json={"reason": "yearly-audit"})
        assert role in (await acting(desk, form)).roles
        await desk.request(other, "POST", f"/roles/{grant['id']}/end", json={"reason": "over"})
    assert "secret" not in await desk.request(boss, "POST", f"/persons/{machine}/end", json={"reason": "replaced"})
    assert (await desk.token(400, **form))["code"] == "person-ended"


def role_of(machine: str, role: Role) -> dict[str, str]:
    return {"person_id": machine, "role": role, "region": REGION, "reason": "yearly-audit"}


async def test_who_registered_a_machine_confirms_no_role_of_it(desk: Desk) -> None:
    boss, other = await desk.administrator("ada"), await desk.administrator("berta")
    machine, form = await machine_of(desk, boss)
    grant = await desk.request(other, "POST", "/roles", 201, json=role_of(machine, Role.FINANCE))
    assert (await desk.request(boss, "POST", f"/roles/{grant['id']}/confirmation", 403, json={"reason": "x"}))["code"] == "own-role"
    assert (await acting(desk, form)).roles == frozenset()


async def test_machine_is_no_administrator(desk: Desk) -> None:
    """Neither by an administrator nor by the operator; a role from before opens nothing."""
    boss = await desk.administrator("ada")
    machine, form = await machine_of(desk, boss)
    refused = await desk.request(await desk.administrator("berta"), "POST", "/roles", 422, json=role_of(machine, Role.ADMINISTRATOR))
    assert refused["code"] == "no-machine-role"
    for region in (REGION, "dk-kolding"):
        with pytest.raises(Exception, match="No machine has this role"):
            await Operator(desk).grant(machine, region=region)
    await desk.run(given_before, OPERATOR, UUID(machine))
    assert (await acting(desk, form)).roles == frozenset()


async def given_before(context: Context, machine: UUID) -> None:
    row = RoleGrantRow(
        id=new_id(), person_id=machine, role=Role.ADMINISTRATOR, region=REGION, state=GrantState.GRANTED, valid_from=START,
        proposed_by="operator", proposed_at=START,
    )  # fmt: skip
    context.session.add(row)
    await context.session.flush()
    publish_role(context, row, RoleGranted, "first")


async def test_machine_acts_as_its_person_and_was_never_signed_in(desk: Desk) -> None:
    boss, one, other = [await desk.administrator(name) for name in ("ada", "carla", "berta")]
    machine, form = await machine_of(desk, boss)
    await desk.given(one, other, machine, Role.FINANCE)
    actor = await acting(desk, form)
    assert (actor.id, actor.machine, actor.fresh) == (boss.id, machine, False)
    for permission in FRESH:
        with pytest.raises((Forbidden, Unauthenticated)):
            authorise(actor, permission, region=REGION)
    for permission in WITHOUT_ROLE:
        with pytest.raises(Forbidden, match="not a machine"):
            authorise(replace(actor, fresh=True), permission, region=REGION)
    token = (await desk.token(**form))["access_token"]
    assert (await desk.ask(token, "GET", "/me", 403))["code"] == "machine"


async def test_machine_is_never_the_second_person(desk: Desk) -> None:
    boss = await desk.administrator("ada")
    machine = replace(boss, machine=str(new_id()))
    steps: tuple[Any, ...] = (take_part, take_unpublished_part)
    for duty in Duty:
        for step in steps:
            act = desk.run(step, machine, duty, new_id())
            if duty in SECOND:
                with pytest.raises(Forbidden, match="not a machine"):
                    await act
            else:
                await act
            await desk.run(step, boss, duty, new_id())
    with pytest.raises(Forbidden, match="not a machine"):
        await desk.run(subjects_closed_to_actor, machine, Duty.SEAL, [new_id()])


async def test_steps_of_a_machine_are_those_of_its_person(desk: Desk) -> None:
    boss = await desk.administrator("ada")
    machine, case = replace(boss, machine=str(new_id())), new_id()
    await desk.run(take_unpublished_part, machine, Duty.PREPARE, case)
    with pytest.raises(Forbidden, match="you took this step"):
        await desk.run(take_part, boss, Duty.APPROVE, case)


async def test_machine_ends_with_its_person(desk: Desk) -> None:
    boss, one, other = [await desk.administrator(name) for name in ("ada", "carla", "berta")]
    machine, form = await machine_of(desk, boss)
    await desk.given(one, other, machine, Role.AUDITOR)
    token = (await desk.token(**form))["access_token"]
    await desk.run(end_person, other, UUID(boss.id), "left", desk.now)
    assert (await desk.token(400, **form))["code"] == "person-ended"
    listed = (await desk.client.get("/api/people/revocations")).json()["persons"]
    assert desk.actor_of(token).id in listed


async def test_machine_of_another_administrator_is_not_seen(desk: Desk) -> None:
    boss, one, other = [await desk.administrator(name) for name in ("ada", "carla", "berta")]
    far = await desk.administrator("dora", "pl-malopolska")
    machine, _ = await machine_of(desk, boss)
    assert [await sees(desk, actor, machine) for actor in (boss, other, far)] == [True, False, False]
    await desk.given(one, other, machine, Role.AUDITOR)
    assert [await sees(desk, actor, machine) for actor in (boss, other, far)] == [True, True, False]


async def sees(desk: Desk, actor: Actor, machine: str) -> bool:
    return machine in {one["id"] for one in (await desk.request(actor, "GET", "/persons"))["items"]}
