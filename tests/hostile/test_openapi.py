"""schemathesis against every operation of every service, by callers of every role, on real rows: what is answered is documented.

The requests are drawn from a fixed seed: requests in order, requests that break the schema, and both with ids that exist.
`pytest tests/hostile/test_openapi.py --hostile-examples 500` looks deeper.
"""

import asyncio
from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import quote

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from shared.identity.actor import Actor, Role, grants
from tests.hostile.conftest import MakeWorld
from tests.hostile.worlds import MAKERS, World
from tests.support.routes import Example, Route

ALWAYS = [
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.status_code_conformance,
    not_a_server_error,
]
WITH_BODY = [*ALWAYS, checks.negative_data_rejection]
"""An unknown query parameter is ignored; an unknown field of a body is an error."""


@pytest.fixture
def examples_each(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--hostile-examples"))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("service", MAKERS)
async def test_every_answer_is_documented(world: MakeWorld, service: str, examples_each: int) -> None:
    made, found = await world(service), {}
    with made.served() as url:
        schema = schemathesis.openapi.from_dict(_document(f"{url}/api/{service}/openapi.json"))
        for result in schema.get_all_operations():
            operation = result.ok()
            if (operation.method.upper(), operation.path) not in made.examples:
                continue  # open to all: tests/integration/people
            try:
                await asyncio.to_thread(_attack, made, url, operation, examples_each)
            except (FailureGroup, AssertionError) as failure:
                found[operation.label] = str(failure)
    assert not found, "\n\n".join(found.values())


def _document(address: str) -> dict[str, Any]:
    """The operation without its security scheme: the test sends the token itself, or many requests would only be answered 401."""
    document: dict[str, Any] = requests.get(address, timeout=10).json()
    del document["components"]["securitySchemes"]
    for methods in document["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
    return document


def _attack(world: World, url: str, operation: Any, examples_each: int) -> None:
    """First the example of the guard tests, twice; then requests drawn from the seed."""
    route = (operation.method.upper(), operation.path)
    example = world.examples[route]
    for _ in range(2):
        answer = _ask(world, url, route)
        assert str(answer.status_code) in operation.definition.raw["responses"], (
            f"{operation.label}: {answer.status_code} is not documented"
        )
        operation.validate_response(answer)

    @seed(20260301)
    @settings(max_examples=examples_each, database=None, suppress_health_check=list(HealthCheck))
    @given(_cases(operation, example), st.sampled_from(_callers(world, route)))
    def attack(case: Any, actor: Actor) -> None:
        headers = {**example.headers, **(case.headers or {}), "Authorization": f"Bearer {world.issuer.mint(actor)}"}
        response = case.call(base_url=url, headers=headers, timeout=30)
        case.validate_response(response, checks=WITH_BODY if example.json is not None else ALWAYS)

    attack()


def _ask(world: World, url: str, route: Route) -> requests.Response:
    example, (method, template) = world.examples[route], route
    headers = {**example.headers, "Authorization": f"Bearer {world.issuer.mint(world.caller(route))}"}
    address = f"{url}{template.format_map(example.path)}"
    return requests.request(
        method, address, params=dict(example.query), json=example.json, data=example.content, headers=headers, timeout=30
    )


def _cases(operation: Any, example: Example) -> st.SearchStrategy[Any]:
    """Requests that fit the schema and requests that do not, with invented ids and with real ones."""
    right, wrong = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
    known: dict[str, Any] = {}
    if example.path:
        known["path_parameters"] = {name: quote(str(value), safe="") for name, value in example.path.items()}
    if example.query:
        known["query"] = {name: str(value) for name, value in example.query.items()}
    ways = [operation.as_strategy(right), operation.as_strategy(wrong), operation.as_strategy(right, **known)]
    if example.path:
        ways.append(operation.as_strategy(wrong, path_parameters=known["path_parameters"]))
    if isinstance(example.json, dict) and example.json:
        kept = st.sets(st.sampled_from(sorted(example.json))) | st.just(set(example.json))
        ways.append(st.builds(_mixed, operation.as_strategy(right, **known), kept, st.just(example.json)))
    return st.one_of(ways)


def _mixed(case: Any, kept: set[str], body: Mapping[str, Any]) -> Any:
    """Some fields as in the example, so that the others reach the code behind the first checks."""
    if isinstance(case.body, dict):
        case.body = {**case.body, **{name: deepcopy(value) for name, value in body.items() if name in kept or name.endswith("_id")}}
    return case


def _callers(world: World, route: Route) -> list[Actor]:
    """The permitted actor most of the time, and each role."""
    right = world.caller(route)
    return [right] * 5 + [Actor(right.id, grants({role}, right.regions_as(*Role)), right.organisation_id) for role in Role]
