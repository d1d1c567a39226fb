"""The common HTTP edge on a small app: guards before bodies, errors as problems, and the check of every route."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, field_validator
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from shared.identity.actor import Actor, Role, grants
from shared.identity.permissions import OwnedBy, Permission, authorise
from shared.kernel.clock import ProgrammeClock
from shared.kernel.errors import Refused, Unavailable
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook
from shared.web.app import create_app
from shared.web.auth import api_router, requires
from shared.web.body import MAX_BODY_BYTES
from shared.web.language import Language
from shared.web.security import SecurityLog
from tests.support.identity import Issuer, serving
from tests.support.routes import OPEN, Example, assert_guarded, walk

HERE = "be-kortrijk"
STUDIO = UUID(int=1)
OFFICER = Actor("o-1", grants({Role.OFFICER}, {HERE}))
APPLICANT = Actor("a-1", grants({Role.APPLICANT}, {HERE}), STUDIO)

ERRORS = {"unavailable": Unavailable("db-host-7"), "connection": ConnectionResetError(), "defect": RuntimeError("secret of Jane Roe")}

router = api_router("toys")


class Part(BaseModel):
    kind: str = Field(max_length=5)


class Toy(BaseModel):
    name: str
    parts: list[Part] = []

    @field_validator("name")
    @classmethod
    def no_tin(cls, name: str) -> str:
        if "tin" in name:
            raise ValueError(f"we take no {name}")
        return name


@router.post("/regions/{region}/toys", status_code=201)
async def make_toy(context: Annotated[Context, requires(Permission.MANAGE_CALLS)], region: str, toy: Toy) -> dict[str, str]:
    authorise(context.actor, Permission.MANAGE_CALLS, region=region)
    return {"by": context.actor.id, "name": toy.name}


@router.get("/offers/{region}")
async def read_offer(context: Annotated[Context, requires(Permission.ANSWER_OFFER)], region: str, q: str = "") -> dict[str, str]:
    authorise(context.actor, Permission.ANSWER_OFFER, region=region, owner=OwnedBy(STUDIO))
    return {"q": q}


@router.get("/broken")
async def broken(context: Annotated[Context, requires(Permission.READ_CALLS)], kind: str) -> dict[str, str]:
    if kind == "refused":
        raise Refused("deadline-passed", "The time is over.", field="deadline", ended="2026-01-02T12:00:00+01:00")
    raise {"unavailable": Unavailable("db-host-7"), "connection": ConnectionResetError(), "defect": RuntimeError("secret of Jane Roe")}[
        kind
    ]


@router.get("/database")
async def database(context: Annotated[Context, requires(Permission.READ_CALLS)]) -> dict[str, str]:
    raise AssertionError("there is no database to get this far")


EXAMPLES = {
    ("POST", "/api/toys/regions/{region}/toys"): Example(HERE, path={"region": HERE}, json={"name": "bear"}),
    ("GET", "/api/toys/offers/{region}"): Example(HERE, path={"region": HERE}, organisation=STUDIO),
    ("GET", "/api/toys/broken"): Example(unbound="shows errors", query={"kind": "refused"}),
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serving() as issuer:
        yield issuer


class UnusedSession:
    """The toys have no rows: their routes get a session and do not use it."""

    async def connection(self, **_: object) -> None: ...

    @asynccontextmanager
    async def begin(self) -> AsyncIterator["UnusedSession"]:
        yield self


NOWHERE = async_sessionmaker(create_async_engine("postgresql+asyncpg://nobody@/none?host=/nowhere"))


def app_with(issuer: Issuer, *routers: APIRouter, sessions: Any = None, security: SecurityLog | None = None, **limits: Any) -> Any:
    return create_app(
        "toys",
        verifier=issuer.verifier(),
        sessions=sessions or UnusedSession(),
        clock=ProgrammeClock(),
        policies=PolicyBook([]),
        hash_key=b"",
        routers=routers,
        security=security or SecurityLog("toys"),
        **limits,
    )


@pytest.fixture
async def client(issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app_with(issuer, router)), base_url="http://toys.test") as client:
        yield client


@pytest.fixture
def officer(issuer: Issuer) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.mint(OFFICER)}", "Content-Type": "application/json"}


async def post(client: httpx.AsyncClient, headers: dict[str, str], content: Any) -> tuple[int, str, list[dict[str, str]]]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    answer = await client.post(f"/api/toys/regions/{HERE}/toys", content=body, headers=headers)
    problem = answer.json()
    return answer.status_code, problem["code"], problem.get("errors", [])


async def test_valid_request_is_answered_and_has_an_id(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    answer = await client.post(f"/api/toys/regions/{HERE}/toys", json={"name": "bear"}, headers=officer)
    assert (answer.status_code, answer.json()) == (201, {"by": "o-1", "name": "bear"})
    assert UUID(answer.headers["x-request-id"]).version == 7


async def test_problem_has_code_field_detail_and_facts(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    answer = await client.get("/api/toys/broken?kind=refused", headers=officer)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:triptych:problem:deadline-passed",
        "title": HTTPStatus(422).phrase,  # "Unprocessable Content" from Python 3.13 on
        "status": 422,
        "detail": "The time is over.",
        "code": "deadline-passed",
        "instance": f"urn:uuid:{answer.headers['x-request-id']}",
        "errors": [{"field": "deadline", "reason": "The time is over.", "code": "deadline-passed"}],
        "facts": {"ended": "2026-01-02T12:00:00+01:00"},
    }


async def test_invalid_input_names_every_field_and_repeats_no_value(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    status, code, errors = await post(client, officer, {"name": "tin soldier of Jane Roe", "parts": [{"kind": "a"}, {"kind": "too long"}]})
    assert (status, code) == (422, "invalid-input")
    assert [error["field"] for error in errors] == ["name", "parts.1.kind"]
    assert not any("Roe" in error["reason"] or "too long" in error["reason"] for error in errors)
    assert errors[1]["reason"] == "The text has more than 5 characters."


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        (b"{", 400, "malformed-json", None),
        (b'{"name": "\xff"}', 400, "not-utf-8", None),
        (b'{"name": ' + b"9" * 5000 + b"}", 400, "number-too-long", None),
        (b"[" * 100_000, 422, "too-deep", "body"),
        (b"[" * 40 + b"]" * 40, 422, "too-deep", "body"),
        (b'{"name": "a", "parts": [{"kind": "\\u0000"}]}', 422, "unusable-text", "parts.0.kind"),
        (b'{"name": "\\ud800"}', 422, "unusable-text", "name"),
        (b'{"a\\u0000": 1}', 422, "unusable-text", "body"),
        (b'{"name": NaN}', 422, "unusable-number", "name"),
        (b'{"name": 9223372036854775808}', 422, "unusable-number", "name"),
        (b"", 422, "invalid-input", "body"),
        (b"null", 422, "invalid-input", "body"),
        (b" " * (MAX_BODY_BYTES + 1), 413, "body-too-large", None),
    ],
)
async def test_unreadable_or_unstorable_body_is_refused(
    client: httpx.AsyncClient, officer: dict[str, str], body: bytes, status: int, code: str, field: str | None
) -> None:
    answered, problem, errors = await post(client, officer, body)
    assert (answered, problem) == (status, code)
    assert [error["field"] for error in errors] == ([field] if field else [])


async def test_body_without_declared_size_is_read_up_to_the_limit(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * MAX_BODY_BYTES:
            sent += 65_536
            yield b" " * 65_536

    answer = await client.post(f"/api/toys/regions/{HERE}/toys", content=endless(), headers=officer)
    assert answer.status_code == 413
    assert sent <= MAX_BODY_BYTES + 65_536


async def test_body_of_another_media_type_is_refused(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    status, code, _ = await post(client, {**officer, "Content-Type": "text/plain"}, {"name": "bear"})
    assert (status, code) == (415, "unsupported-media-type")


@pytest.mark.parametrize("path", ["offers/be%00", f"offers/{HERE}?q=%00"])
async def test_unstorable_path_or_query_is_refused(client: httpx.AsyncClient, issuer: Issuer, path: str) -> None:
    answer = await client.get(f"/api/toys/{path}", headers={"Authorization": f"Bearer {issuer.mint(APPLICANT)}"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable-text")


async def test_unauthorised_request_is_refused_before_its_body_is_read(client: httpx.AsyncClient, issuer: Issuer) -> None:
    async def untouched() -> AsyncIterator[bytes]:
        for nothing in ():
            yield nothing
        raise AssertionError("the body was read")

    path = f"/api/toys/regions/{HERE}/toys"
    answer = await client.post(path, content=untouched())
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    answer = await client.post(path, content=untouched(), headers={"Authorization": f"Bearer {issuer.mint(APPLICANT)}"})
    assert answer.json()["code"] == "wrong-role"


@pytest.mark.parametrize("scheme", ["Basic", "bear", ""])
async def test_authorization_of_another_scheme_is_no_token(client: httpx.AsyncClient, issuer: Issuer, scheme: str) -> None:
    answer = await client.get("/api/toys/broken", headers={"Authorization": f"{scheme} {issuer.mint(OFFICER)}"})
    assert answer.json()["code"] == "missing-token"


@pytest.mark.parametrize("kind", ["unavailable", "connection"])
async def test_unavailable_component_is_503_with_retry_after(client: httpx.AsyncClient, officer: dict[str, str], kind: str) -> None:
    answer = await client.get(f"/api/toys/broken?kind={kind}", headers=officer)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "db-host-7" not in answer.text


async def test_database_down_is_503_on_routes_and_health(issuer: Issuer, officer: dict[str, str]) -> None:
    app = app_with(issuer, router, sessions=NOWHERE)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toys.test") as client:
        assert (await client.get("/api/toys/database", headers=officer)).status_code == 503
        assert (await client.get("/health")).status_code == 503


async def test_issuer_down_is_503_not_401(officer: dict[str, str]) -> None:
    with serving() as gone:
        app = app_with(gone, router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toys.test") as client:
        assert (await client.get("/api/toys/broken?kind=refused", headers=officer)).status_code == 503


async def test_defect_is_an_incident_without_internals(
    client: httpx.AsyncClient, officer: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await client.get("/api/toys/broken?kind=defect", headers=officer)
    logged = capsys.readouterr().out
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert answer.headers["x-request-id"] in logged
    assert "RuntimeError" in logged
    assert "Roe" not in answer.text + logged


async def test_problem_is_in_the_language_of_the_request(client: httpx.AsyncClient, officer: dict[str, str]) -> None:
    headers = {**officer, "Accept-Language": "xx, nl-BE;q=0.9, en;q=0.8"}
    answer = await client.post(f"/api/toys/regions/{HERE}/toys", content=b'{"name": 1}', headers=headers)
    assert (answer.headers["content-language"], answer.headers["vary"]) == ("nl", "Accept-Language")
    english = await client.post(f"/api/toys/regions/{HERE}/toys", content=b'{"name": 1}', headers=officer)
    assert (english.headers["content-language"], english.headers["vary"]) == ("en", "Accept-Language")
    assert answer.json()["code"] == english.json()["code"] == "invalid-input"
    assert answer.json()["detail"] != english.json()["detail"] == "Some of the input is not acceptable."
    assert answer.json()["errors"][0]["reason"] != english.json()["errors"][0]["reason"] == "This has to be a text."


async def test_translated_answer_names_its_language_for_caches(issuer: Issuer, officer: dict[str, str]) -> None:
    texts = api_router("texts")

    async def get_text(context: Annotated[Context, requires(Permission.READ_CALLS)], language: Language) -> dict[str, str]:
        return {"language": language}

    texts.add_api_route("/texts", get_text)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app_with(issuer, texts)), base_url="http://toys.test") as client:
        answer = await client.get("/api/toys/texts", headers={**officer, "Accept-Language": "da"})
    assert (answer.status_code, answer.json()) == (200, {"language": "da"})
    assert (answer.headers["content-language"], answer.headers["vary"]) == ("da", "Accept-Language")


async def test_unknown_path_or_method_is_a_problem(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/toys/nothing")).json()["code"] == "not-found"
    answer = await client.delete("/api/toys/broken")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert "GET" in answer.headers["allow"]


async def test_openapi_names_problems_and_the_token(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/toys/openapi.json")).json()
    route = document["paths"]["/api/toys/regions/{region}/toys"]["post"]
    assert route["responses"]["422"]["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert route["security"] == [{"token": []}]
    assert {"Problem", "FieldProblem"} <= document["components"]["schemas"].keys()


async def test_documentation_page_loads_from_its_own_origin_only(client: httpx.AsyncClient) -> None:
    """The gateway's policy allows scripts and styles from files only, so the page has none of its own."""
    page = await client.get("/api/toys/docs")
    assert "//" not in page.text
    assert not re.search(r"<script>|<style|\son\w+=|\sstyle=", page.text)
    asked = re.findall(r"""(?:src|href|data-document)="([^"]+)""", page.text)
    assert set(asked) == {f"/api/toys/{name}" for name in OPEN if name != "docs"}
    answers = [await client.get(address) for address in asked]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["content-type"].split(";")[0].split("/")[1] for answer in answers} == {"json", "javascript", "css", "png"}


async def test_documentation_page_declares_its_language(client: httpx.AsyncClient) -> None:
    assert '<html lang="en">' in (await client.get("/api/toys/docs")).text


async def test_documentation_package_serves_only_files_of_the_page(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/toys/docs/__init__.py")).status_code == 404


def test_route_without_a_permission_cannot_be_built(issuer: Issuer) -> None:
    with pytest.raises(TypeError, match="exactly one permission"):
        api_router("x").add_api_route("/open", endpoint=lambda: None)
    plain = APIRouter()
    plain.add_api_route("/open", lambda: None)
    with pytest.raises(TypeError, match="not guarded"):
        app_with(issuer, plain)


async def test_walk_finds_every_route_and_its_permission(issuer: Issuer) -> None:
    routes = {(method, path): permission for method, path, permission in walk(app_with(issuer, router))}
    assert routes["POST", "/api/toys/regions/{region}/toys"] is Permission.MANAGE_CALLS
    assert {path for (_, path), permission in routes.items() if permission is None} == {
        "/health",
        "/measurements",
        *(f"/api/toys/{name}" for name in OPEN),
    }


async def check(issuer: Issuer, examples: dict[tuple[str, str], Example], *more: APIRouter) -> None:
    kept = APIRouter()
    for route in router.routes:
        if isinstance(route, APIRoute) and route.path != "/database":
            kept.routes.append(route)
    app = app_with(issuer, kept, *more)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toys.test") as client:
        await assert_guarded(client, app, issuer.mint, examples)


async def test_guarded_app_passes_the_check(issuer: Issuer) -> None:
    await check(issuer, EXAMPLES)


async def test_check_finds_a_route_without_an_example(issuer: Issuer) -> None:
    with pytest.raises(AssertionError, match="without an example"):
        await check(issuer, {route: example for route, example in EXAMPLES.items() if "broken" not in route[1]})


async def test_check_finds_a_route_that_ignores_the_region(issuer: Issuer) -> None:
    careless = api_router("careless")

    async def anyone(context: Annotated[Context, requires(Permission.SEAL_BATCH)]) -> dict[str, str]:
        return {}

    careless.add_api_route("/careless", anyone)
    with pytest.raises(AssertionError, match="foreign-region"):
        await check(issuer, {**EXAMPLES, ("GET", "/api/toys/careless"): Example(HERE)}, careless)
    with pytest.raises(AssertionError, match="name the region"):
        await check(issuer, {**EXAMPLES, ("GET", "/api/toys/careless"): Example()}, careless)


async def test_check_finds_a_route_that_ignores_the_owner(issuer: Issuer) -> None:
    careless = api_router("careless")

    async def anyone(context: Annotated[Context, requires(Permission.READ_CALLS)], region: str) -> dict[str, str]:
        authorise(context.actor, Permission.READ_CALLS, region=region)
        return {}

    careless.add_api_route("/careless", anyone)
    example = Example(HERE, query={"region": HERE}, organisation=STUDIO, role=Role.APPLICANT)
    with pytest.raises(AssertionError, match="not-owner"):
        await check(issuer, {**EXAMPLES, ("GET", "/api/toys/careless"): example}, careless)
