"""The HTTP edge on a real PostgreSQL: one transaction a request, idempotency keys, pages."""

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, col

from deploy.embedded.servers import PostgreSQL
from shared.database import create_engine, sessions_of
from shared.database.base import INSTANT
from shared.identity.actor import Actor, Role, grants
from shared.identity.permissions import Permission
from shared.kernel.clock import ProgrammeClock
from shared.kernel.errors import Refused
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook
from shared.web.app import create_app
from shared.web.auth import api_router, requires
from shared.web.idempotency import KEPT, IdempotencyKey, IdempotencyRow, KeyExpiry, once
from shared.web.paging import Page, Paging, Sorting, page_of
from shared.web.security import SecurityLog
from tests.support.desk import SEALING, FrozenClock
from tests.support.identity import Issuer, serving


class Table(SQLModel, registry=registry()):
    """Tables that only this test uses."""


START = datetime(2026, 1, 1, tzinfo=UTC)
OFFICER = Actor("o-1", grants({Role.OFFICER}, {"be-kortrijk"}))


class Toy(Table, table=True):
    __tablename__ = "toys"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    made_at: datetime = Field(sa_type=INSTANT)


TOYS = Sorting({"name": col(Toy.name), "made_at": col(Toy.made_at)}, unique=col(Toy.id), default="name")


class NewToy(BaseModel):
    name: str


class ToyView(BaseModel):
    id: int
    name: str


router = api_router("toys")
Officer = Annotated[Context, requires(Permission.MANAGE_CALLS)]
Reader = Annotated[Context, requires(Permission.MANAGE_CALLS, only_reads=True)]


@router.post("/toys", status_code=201)
async def make_toy(context: Officer, toy: NewToy, key: IdempotencyKey) -> ToyView:
    async def make() -> UUID:
        row = Toy(name=toy.name, made_at=START)
        context.session.add(row)
        await context.session.flush()
        if toy.name == "slow":
            await asyncio.sleep(0.3)
        if toy.name == "refused":
            raise Refused("no-such-toy", "No.")
        return UUID(int=row.id or 0)

    return await read_toy(context, (await once(context, key, "POST /toys", toy, make)).int)


@router.post("/statement")
async def run_statement(context: Officer, statement: NewToy) -> dict[str, str]:
    """Fails in the database, in a statement or at the commit."""
    await context.session.execute(text(statement.name))
    return {"answer": "all went well"}


@router.get("/toys/{number}")
async def read_toy(context: Officer, number: int) -> ToyView:
    row = await context.session.get_one(Toy, number)
    return ToyView(id=row.id or 0, name=row.name)


@router.get("/toys/{number}/changed")
async def change_toy(context: Reader, number: int, name: str) -> ToyView:
    """Wrong: who asks for this reads only."""
    row = await context.session.get_one(Toy, number)
    row.name = name
    return ToyView(id=row.id or 0, name=row.name)


@router.get("/toys")
async def list_toys(context: Reader, paging: Annotated[Paging, Depends(TOYS)]) -> Page[ToyView]:
    return await page_of(context.session, select(Toy), paging, lambda row: ToyView(id=row.id, name=row.name))


@pytest_asyncio.fixture
async def engine(postgres: PostgreSQL) -> AsyncIterator[AsyncEngine]:
    admin = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
    await admin.execute("CREATE DATABASE web_toys")
    engine = create_engine(postgres.url("web_toys"))
    async with engine.begin() as connection:
        await connection.run_sync(Table.metadata.create_all)
        await connection.run_sync(IdempotencyRow.__table__.create)  # type: ignore[attr-defined]
        await connection.execute(text("ALTER TABLE idempotency ALTER created_at SET DEFAULT now()"))
        await connection.execute(text("ALTER TABLE toys ADD UNIQUE (name) DEFERRABLE INITIALLY DEFERRED"))
        await connection.execute(text("ALTER TABLE toys ADD CHECK (name <> 'bad')"))
    yield engine
    await engine.dispose()
    await admin.execute("DROP DATABASE web_toys WITH (FORCE)")
    await admin.close()


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serving() as issuer:
        yield issuer


@pytest.fixture
def app(engine: AsyncEngine, issuer: Issuer) -> FastAPI:
    return create_app(
        "toys",
        verifier=issuer.verifier(),
        sessions=sessions_of(engine, SEALING),
        clock=ProgrammeClock(),
        policies=PolicyBook([]),
        hash_key=b"",
        routers=[router],
        security=SecurityLog("toys"),
    )


@pytest_asyncio.fixture
async def client(app: FastAPI, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {issuer.mint(OFFICER)}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toys.test/api/toys", headers=headers) as client:
        yield client


async def names(engine: AsyncEngine) -> list[str]:
    async with sessions_of(engine)() as session:
        return list(await session.scalars(select(col(Toy.name)).order_by(col(Toy.name))))


async def make(client: httpx.AsyncClient, name: str, key: str = "key-12345") -> httpx.Response:
    return await client.post("/toys", json={"name": name}, headers={"Idempotency-Key": key})


async def test_health_queries_the_database(client: httpx.AsyncClient) -> None:
    assert (await client.get("http://toys.test/health")).json() == {"status": "ok"}


async def test_request_that_only_reads_changes_nothing(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    made = (await make(client, "bear")).json()
    assert (await client.get("/toys")).json()["items"] == [made]
    assert (await client.get(f"/toys/{made['id']}/changed", params={"name": "duck"})).status_code == 500
    assert await names(engine) == ["bear"]


async def test_key_sent_twice_has_one_effect_and_one_answer(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    first, second = await make(client, "bear"), await make(client, "bear")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert await names(engine) == ["bear"]


async def test_key_holds_an_id_and_no_answer(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    made = (await make(client, "a-name-that-someone-gave")).json()
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT made_id, CAST(idempotency AS text) AS everything FROM idempotency"))).one()
    assert row.made_id == UUID(int=made["id"])
    assert "someone-gave" not in row.everything


@pytest.mark.parametrize(("age", "effects"), [(KEPT - timedelta(microseconds=1), 1), (KEPT, 2)])
async def test_key_is_known_for_seven_days(client: httpx.AsyncClient, engine: AsyncEngine, age: timedelta, effects: int) -> None:
    await make(client, "bear")
    async with sessions_of(engine)() as session:
        made_at = (await session.scalars(select(col(IdempotencyRow.created_at)))).one()
        await session.execute(text("ALTER TABLE toys DROP CONSTRAINT toys_name_key"))
        await session.commit()
    await KeyExpiry(sessions_of(engine), FrozenClock(made_at + age)).remove()
    assert (await make(client, "bear")).status_code == 201
    assert await names(engine) == ["bear"] * effects


async def test_key_reused_for_another_request_is_a_conflict(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    await make(client, "bear")
    answer = await make(client, "duck")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency-key-reused")
    assert await names(engine) == ["bear"]


async def test_same_key_of_another_actor_is_another_key(client: httpx.AsyncClient, engine: AsyncEngine, issuer: Issuer) -> None:
    await make(client, "bear")
    other = issuer.mint(replace(OFFICER, id="o-2"))
    answer = await client.post("/toys", json={"name": "duck"}, headers={"Idempotency-Key": "key-12345", "Authorization": f"Bearer {other}"})
    assert answer.status_code == 201
    assert await names(engine) == ["bear", "duck"]


async def test_concurrent_use_of_a_key_waits_for_the_first(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    answers = await asyncio.gather(*(make(client, "slow") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await names(engine) == ["slow"]


async def test_refused_request_stores_nothing_and_frees_its_key(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    assert (await make(client, "refused")).json()["code"] == "no-such-toy"
    assert await names(engine) == []
    assert (await make(client, "bear")).status_code == 201


@pytest.mark.parametrize("key", [None, "short", "with space", "k" * 201])
async def test_missing_or_malformed_key_is_refused(client: httpx.AsyncClient, key: str | None) -> None:
    answer = await client.post("/toys", json={"name": "bear"}, headers={"Idempotency-Key": key} if key else {})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["Idempotency-Key"]


INSERT = "INSERT INTO toys (name, made_at) VALUES ('{}', now())"


@pytest.mark.parametrize(
    ("statement", "status", "code"),
    [
        (INSERT.format("bear"), 409, "concurrent-change"),  # deferred: found by the commit, after the route has returned
        (INSERT.format("bad"), 500, "internal-error"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", 503, "unavailable"),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$", 503, "unavailable"),
        ("SELECT 1/0", 500, "internal-error"),
    ],
)
async def test_failed_commit_is_never_answered_as_success(client: httpx.AsyncClient, statement: str, status: int, code: str) -> None:
    await make(client, "bear")
    answer = await client.post("/statement", json={"name": statement})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


UNKNOWN = [(7, 404, "not-found"), (2**40, 422, "unusable-number"), (2**70, 422, "unusable-number")]


@pytest.mark.parametrize(("number", "status", "code"), UNKNOWN)
async def test_unknown_or_impossible_number_is_no_incident(client: httpx.AsyncClient, number: int, status: int, code: str) -> None:
    answer = await client.get(f"/toys/{number}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_commit_precedes_the_answer(app: FastAPI, engine: AsyncEngine, issuer: Issuer) -> None:
    """Checked at the moment when the first byte of the answer is sent."""
    seen: list[list[str]] = []

    async def watched(scope: Any, receive: Any, send: Callable[[Any], Any]) -> None:
        async def watch(message: Any) -> None:
            if message["type"] == "http.response.start":
                seen.append(await names(engine))
            await send(message)

        await app(scope, receive, watch)

    headers = {"Authorization": f"Bearer {issuer.mint(OFFICER)}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(watched), base_url="http://toys.test/api/toys", headers=headers) as client:
        await make(client, "bear")
    assert seen == [["bear"]]


async def fill(engine: AsyncEngine) -> None:
    async with sessions_of(engine).begin() as session:
        for number in range(7):
            session.add(Toy(name=f"toy {number}", made_at=START + timedelta(days=number // 3)))


async def pages(client: httpx.AsyncClient, **query: Any) -> list[list[str]]:
    found: list[list[str]] = []
    while True:
        page = (await client.get("/toys", params={"limit": 3, **query})).json()
        assert (page["total"], page["limit"]) == (7, 3)
        found.append([item["name"][-1] for item in page["items"]])
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["012", "345", "6"]),
        ("-name", ["654", "321", "0"]),
        ("made_at", ["012", "345", "6"]),
        ("-made_at", ["654", "321", "0"]),
    ],
)
async def test_pages_have_every_row_once_in_order(client: httpx.AsyncClient, engine: AsyncEngine, sort: str, expected: list[str]) -> None:
    await fill(engine)
    assert ["".join(page) for page in await pages(client, sort=sort)] == expected


@pytest.mark.parametrize(("rows", "total", "exact"), [(999, 999, True), (1_000, 1_000, True), (1_001, 1_000, False), (3_000, 1_000, False)])
async def test_total_is_counted_up_to_a_thousand(
    client: httpx.AsyncClient, engine: AsyncEngine, rows: int, total: int, exact: bool
) -> None:
    """Above that, `total_is_exact` is false."""
    async with engine.begin() as connection:
        await connection.execute(
            text(f"INSERT INTO toys (name, made_at) SELECT 'toy ' || n, now() FROM generate_series(1, {rows}) AS s (n)")
        )
    page = (await client.get("/toys")).json()
    assert (page["total"], page["total_is_exact"], page["next"] is None) == (total, exact, False)


async def test_row_inserted_between_pages_shifts_nothing(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    await fill(engine)
    first = (await client.get("/toys", params={"limit": 3})).json()
    async with sessions_of(engine).begin() as session:
        session.add(Toy(name="aaa", made_at=START))
    second = (await client.get("/toys", params={"limit": 3, "cursor": first["next"]})).json()
    assert [item["name"] for item in second["items"]] == ["toy 3", "toy 4", "toy 5"]


def cursor(*parts: object) -> str:
    return urlsafe_b64encode(json.dumps(parts).encode()).decode()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"sort": "secret"}, "sort"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"cursor": "rubbish"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"cursor": cursor("name", "a")}, "cursor"),
        ({"cursor": cursor("name", 7, 1)}, "cursor"),
        ({"cursor": cursor("name", "a", "x")}, "cursor"),
        ({"cursor": cursor("name", "a", 2**31)}, "cursor"),
        ({"cursor": cursor("name", "a\0", 1)}, "cursor"),
        ({"cursor": cursor("-name", "a", 1)}, "cursor"),
        ({"cursor": cursor("made_at", "2026-01-01T00:00:00", 1), "sort": "made_at"}, "cursor"),
        ({"cursor": urlsafe_b64encode(b"[" * 700).decode()}, "cursor"),
    ],
)
async def test_invalid_paging_parameter_is_named(client: httpx.AsyncClient, query: dict[str, Any], field: str) -> None:
    answer = await client.get("/toys", params=query)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
