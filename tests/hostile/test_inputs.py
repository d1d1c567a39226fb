"""Requests with extreme values: each is answered with a clear problem and changes nothing."""

import asyncio
import json
import random
from base64 import urlsafe_b64encode
from string import ascii_lowercase
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.hostile.conftest import MakeWorld
from tests.hostile.worlds import MAKERS, World
from tests.support.routes import Route

CALL, EXTEND_CALL = ("POST", "/api/applications/calls"), ("POST", "/api/applications/calls/{call_id}/extension")
EXTEND_VOUCHER = ("POST", "/api/vouchers/vouchers/{voucher_id}/extension")

BEYOND = ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-14:00", 1e11, -1e11, 0]
EDGES: list[tuple[str, Route, dict[str, Any]]] = [
    *[("applications", EXTEND_CALL, {"closes_at": moment}) for moment in BEYOND],
    *[("vouchers", EXTEND_VOUCHER, {"valid_until": moment}) for moment in BEYOND],
    *[("applications", CALL, {"id": "another", "reminders_before_days": days}) for days in ([10**6], [10**10], [10**18], [1] * 10_000)],
    ("applications", CALL, {"id": "".join(random.Random(1).choices(ascii_lowercase, k=10_000))}),
    ("applications", CALL, {"id": "another", "title": {"en": "a" * 10**6, "hr": "b"}}),
    ("applications", CALL, {"id": "another", "opens_at": "0001-01-01T00:00:00"}),
    ("applications", CALL, {"id": "another", "reserve_list_ends": "9999-12-31"}),
    *[("applications", CALL, {"id": "another", "envelope_minor": amount}) for amount in (0, -1, 10**16, 2**63 - 1, 2**63, 1e300, 10**400)],
]


async def ask(world: World, client: httpx.AsyncClient, route: Route, **request: Any) -> httpx.Response:
    """A request with the example's ids, by an actor who is permitted to make it, and who waits where there were too many of them."""
    example, (method, template) = world.examples[route], route
    headers = {**example.headers, "Authorization": f"Bearer {world.mint(world.caller(route))}", **request.pop("headers", {})}
    content = {"content": example.content} if example.content and "json" not in request else {}
    about: dict[str, Any] = {"params": example.query, **content, **request}
    while (answer := await client.request(method, template.format_map(example.path), headers=headers, **about)).status_code == 429:
        await asyncio.sleep(1)
    return answer


@pytest.mark.parametrize("service", ["applications", "vouchers"])
async def test_extreme_dates_and_numbers_are_refused(world: MakeWorld, service: str) -> None:
    made = await world(service)
    before, odd = await made.digest(), []
    async with made.client() as client:
        for _, route, change in (edge for edge in EDGES if edge[0] == service):
            answer = await ask(made, client, route, json={**made.examples[route].json, **change})
            if answer.status_code not in (404, 409, 422):
                odd.append((route, str(change)[:80], answer.status_code, answer.text[:200]))
    assert not odd, json.dumps(odd, indent=1)
    assert await made.digest() == before


GARBAGE = [
    "",
    " ",
    "\0",
    "'",
    "é\u202e",
    "-1",
    "9" * 400,
    "1e400",
    "NaN",
    "[]",
    "null",
    "x" * 20_000,
    "\ud800".encode("utf-8", "surrogatepass"),
]


@pytest.mark.parametrize("service", MAKERS)
async def test_garbage_in_a_query_is_a_documented_error(world: MakeWorld, service: str) -> None:
    """Each parameter of each GET in turn, and a parameter given twice; none of them is an incident."""
    made, odd = await world(service), []
    async with made.client() as client:
        paths = (await client.get(f"/api/{service}/openapi.json")).json()["paths"]
        for route in (route for route in made.examples if route[0] == "GET"):
            names = [each["name"] for each in paths[route[1]]["get"].get("parameters", []) if each["in"] == "query"]
            for name, value in [(name, value) for name in names for value in [*GARBAGE, ["1", "2"]]]:
                answer = await ask(made, client, route, params={**made.examples[route].query, name: value})
                fine = answer.status_code == 200 or answer.headers["content-type"] == "application/problem+json"
                if not fine or answer.status_code >= 500:
                    odd.append((route, name, str(value)[:40], answer.status_code, answer.text[:200]))
    assert not odd, json.dumps(odd, indent=1)


EDGE_VALUES: list[Any] = [
    None,
    True,
    -(2**63),
    2**31,
    1.5,
    "",
    "x" * 600,
    "\ud800",
    "1" * 400,
    [],
    {},
    str(UUID(int=0)),
    *map(str, BEYOND[:4]),
    "2026-01-01",
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("service", MAKERS)
async def test_no_cursor_causes_an_incident(world: MakeWorld, service: str) -> None:
    """Well-formed cursors with extreme values of each type, in each order of each list."""
    made, odd = await world(service), []
    async with made.client() as client:
        paths = (await client.get(f"/api/{service}/openapi.json")).json()["paths"]
        for route in [route for route in made.examples if '"cursor"' in json.dumps(paths[route[1]].get(route[0].lower(), {}))]:
            query = made.examples[route].query
            sorts = (await ask(made, client, route, params={**query, "sort": "?"})).json()["detail"].rstrip(".").split(": ")[1].split(", ")
            cursors = [
                (sort, [sort, value, tie]) for sort in sorts for value in EDGE_VALUES for tie in [value, 1, str(UUID(int=1)), "0" * 64]
            ]
            for sort, cursor in cursors:
                text = urlsafe_b64encode(json.dumps(cursor).encode()).decode()
                answer = await ask(made, client, route, params={**query, "sort": sort, "cursor": text})
                if answer.status_code not in (200, 422):
                    odd.append((route, str(cursor)[:100], answer.status_code, answer.text[:200]))
    assert not odd, json.dumps(odd, indent=1)
