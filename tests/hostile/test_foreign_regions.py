"""Ids of another region, or of nothing, on every route and in every place where a route takes one: refused, and nothing has changed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.identity.actor import Role
from shared.identity.permissions import ROLES, WITHOUT_ROLE
from tests.hostile.conftest import MakeWorld
from tests.hostile.worlds import MAKERS
from tests.integration.payments.test_routes import examples
from tests.support.payments import Payments
from tests.support.routes import ELSEWHERE, STRANGER, Example, is_empty

FIGURES = {("GET", f"/api/{service}/figures") for service in ("applications", "evaluation", "payments", "vouchers")}
"""Counts and sums of all regions, side by side, for every role of the agency but evaluators."""
OF_NO_REGION = {("POST", "/api/people/machines"), ("GET", "/api/payments/state-aid/organisations/{organisation_id}"), *FIGURES}
"""A machine has no role until one is given to it, in a region. A firm sees its own aid of all regions."""
_DRAFT = "/api/payments/claim-drafts/{draft_id}"
OF_ITS_DRAFT = {(("PUT", f"{_DRAFT}/lines/{{line_id}}"), "line_id"), (("DELETE", f"{_DRAFT}/lines/{{line_id}}"), "line_id")}
OF_ITS_DRAFT |= {(("DELETE", f"{_DRAFT}/files/{{file_id}}"), "file_id"), (("PUT", f"{_DRAFT}/hours/{{line_id}}"), "line_id")}
"""A line is made under an id that its page chose; one that the draft does not have is gone already. Nothing of another draft changes."""
UNUSED_ID = UUID("00000000-0000-8000-8000-000000000000")


@pytest.mark.parametrize("service", MAKERS)
async def test_actor_of_another_region_changes_and_sees_nothing(world: MakeWorld, service: str) -> None:
    """In every role that the route admits, and in all of the agency's at once; also as a member of the same organisation. What is a
    person's own is of no region."""
    made, odd = await world(service), []
    before = await made.digest()
    async with made.client() as client:
        for route, example in made.examples.items():
            if made.permissions[route] in WITHOUT_ROLE or route in OF_NO_REGION:
                continue
            probe = made.probe(client, route)
            for roles in [frozenset({role}) for role in ROLES[made.permissions[route]]] + [frozenset(Role) - {Role.APPLICANT}]:
                status, body = await probe.ask(probe.as_actor(roles, ELSEWHERE, example.organisation or STRANGER))
                fine = status in (403, 404) or (status == 200 and is_empty(body))
                if not fine:
                    odd.append((route, sorted(roles), status, str(body)[:200]))
    assert not odd, json.dumps(odd, indent=1)
    assert await made.digest() == before


@pytest.mark.parametrize("service", MAKERS)
async def test_unknown_id_is_not_found(world: MakeWorld, service: str) -> None:
    """One id after the other, in path, query and body, is replaced; lists and histories of it are empty."""
    made, odd = await world(service), []
    before = await made.digest()
    async with made.client() as client:
        for route, example in made.examples.items():
            probe = made.probe(client, route)
            caller = probe.caller(made.permissions[route])
            for place, other in _with_ids(example, lambda name: str(UNUSED_ID)):
                if place == "organisation_id" or (route, place) in OF_ITS_DRAFT:
                    continue  # the payee or applicant is checked against the token, by the test above
                status, body = await replace(probe, example=other).ask(caller)
                if status != 404 and not (status == 200 and is_empty(body)):
                    odd.append((route, place, status, str(body)[:200]))
    assert not odd, json.dumps(odd, indent=1)
    assert await made.digest() == before


async def test_ids_of_two_regions_do_not_mix(world: MakeWorld, tmp_path: Path) -> None:
    """In payments one request names several things: each of them in turn is replaced by one that exists in another region."""
    made, odd = await world("payments"), []
    there = await examples(Payments(made.engine, tmp_path / "there", region="dk-kolding"))
    before = await made.digest()
    async with made.client() as client:
        for route, example in made.examples.items():
            probe = made.probe(client, route)
            for place, other in _with_ids(example, lambda name, there=there[route]: _named(there, name)):
                if (route, place) in OF_ITS_DRAFT and route[0] == "DELETE":
                    continue
                status, body = await replace(probe, example=other).ask(probe.caller(made.permissions[route]))
                if status not in (403, 404, 409, 422) and not (status == 200 and is_empty(body)):
                    odd.append((route, place, status, str(body)[:200]))
    assert not odd, json.dumps(odd, indent=1)
    assert await made.digest() == before


def _named(example: Example, name: str) -> str:
    return str({**example.path, **example.query, **(example.json or {})}[name])


def _with_ids(example: Example, other: Any) -> Iterator[tuple[str, Example]]:
    """The example once for each id in it, with that one replaced."""
    for part in ("path", "query", "json"):
        values = getattr(example, part)
        for name, value in values.items() if isinstance(values, dict) else ():
            if _is_id(value):
                yield name, replace(example, **{part: {**values, name: other(name)}})


def _is_id(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
