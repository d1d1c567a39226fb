"""Every route that takes an id, with every id of the database, by each kind of person to whom the row does not belong."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.identity.actor import Actor, Role, grants
from shared.identity.permissions import ROLES, WITHOUT_ROLE, Permission
from tests.hostile.conftest import MakeWorld
from tests.hostile.test_foreign_regions import FIGURES
from tests.hostile.worlds import MAKERS, World
from tests.support.routes import ELSEWHERE, STRANGER, Example, is_empty

pytestmark = pytest.mark.timeout(600)  # payments: each route with many ids of its database

OPEN = {Permission.READ_CALLS}
"""Calls belong to no applicant and are open to all roles of the region."""
OWN = {
    ("POST", "/api/applications/applications"),
    ("POST", "/api/payments/payees"),
    ("POST", "/api/payments/provider-registrations"),
    ("POST", "/api/people/machines"),
    ("POST", "/api/people/invitations/reading"),
    ("GET", "/api/vouchers/sessions"),
    ("GET", "/api/vouchers/sessions/{session_id}"),
}
"""What somebody makes here is their own; who has the secret of an invitation is invited; sessions are announced to every applicant."""
TOO_MANY = 429
OTHERS = 8
UUID_COLUMNS = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND udt_name = 'uuid' AND table_name NOT IN ('outbox', 'inbox', 'parked', 'dead_letters')
"""


@pytest.mark.parametrize("service", MAKERS)
async def test_row_is_closed_to_whom_it_does_not_belong(world: MakeWorld, service: str) -> None:
    """The stranger is an applicant of another organisation and an evaluator of no case, in the region of the rows; and has each role
    of the agency in another region. A provider's account belongs to no organisation: it is closed to every applicant."""
    made, odd = await world(service), []
    ids = await _ids(made.engine)
    before = await made.digest()
    async with made.client() as client:
        for number, (route, example) in enumerate(made.examples.items()):
            permission = made.permissions[route]
            for stranger in () if route in OWN | FIGURES else _strangers(made, permission, f"stranger-{number}"):
                for other in _with_each_id(example, ids, number):
                    probe = replace(made.probe(client, route), example=other)
                    while (answer := await probe.ask(stranger))[0] == TOO_MANY:
                        await asyncio.sleep(1)  # the limit of one address
                    status, body = answer
                    if status not in (403, 404) and not (status == 200 and is_empty(body)):
                        odd.append((route, sorted(stranger.roles), other.path or other.json, status, str(body)[:200]))
    assert not odd, json.dumps(odd[:20], indent=1, default=str)
    assert await made.digest() == before


def _strangers(made: World, permission: Permission, name: str) -> Iterator[Actor]:
    """`name`: another one for each route, because one person may ask only so often a second."""
    regions = sorted({example.region for example in made.examples.values() if example.region})
    if permission in WITHOUT_ROLE:
        yield Actor(str(STRANGER), frozenset())
    if permission not in OPEN:
        if Role.APPLICANT in ROLES[permission]:
            yield Actor(name, grants({Role.APPLICANT}, regions), STRANGER)
        if Role.EVALUATOR in ROLES[permission]:
            yield Actor(name, grants({Role.EVALUATOR}, regions))
    for role in ROLES[permission] - {Role.APPLICANT}:
        yield Actor(name, grants({role}, {ELSEWHERE}))


async def _ids(engine: AsyncEngine) -> list[set[str]]:
    """Of each column."""
    async with engine.connect() as connection:
        columns = (await connection.execute(text(UUID_COLUMNS))).all()
        queries = [
            text(f'SELECT DISTINCT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL LIMIT 40') for table, column in columns
        ]
        return [{*(await connection.execute(query)).scalars()} for query in queries]


def _with_each_id(example: Example, ids: Sequence[set[str]], number: int) -> Iterator[Example]:
    """The example as it is, and once for each id in the place of the id in its path: all that stand beside it in a column, and of the
    others, which name no such row, one in `OTHERS`, another one for each route."""
    yield example
    for name, value in example.path.items():
        if len(str(value)) == 36:
            kin = {one for column in ids if str(value) in column for one in column}
            others = sorted({one for column in ids for one in column} - kin)[number % OTHERS :: OTHERS]
            yield from (replace(example, path={**example.path, name: one}) for one in [*sorted(kin), *others])
