"""The test desk of a service: its HTTP app, its commands and its inbox on a real database, with a clock that the test moves."""

import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import select
from sqlmodel import col
from starlette.datastructures import State

from shared.contracts.common import TasksCounted
from shared.database import Sessions, create_engine, sessions_of
from shared.database.sealing import Sealer
from shared.identity.actor import Actor
from shared.identity.tokens import TokenVerifier
from shared.kernel.clock import DAY_SECONDS, ProgrammeClock
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.messaging.envelope import Delivery
from shared.messaging.event import Event
from shared.messaging.inbox import Handlers, Inbox
from shared.messaging.tables import DeadLetterRow, OutboxRow, ParkedRow
from shared.policy.resolver import PolicyBook
from shared.runtime.service import Service
from shared.runtime.settings import ServiceSettings
from shared.runtime.task_counts import TaskCounts, Waiting
from tests.support.event_keys import KEYS, key_settings, signed
from tests.support.identity import Issuer

Result = TypeVar("Result")
Row = TypeVar("Row")


class FrozenClock(ProgrammeClock):
    """A programme clock with a fixed `instant`, which the test sets."""

    def __init__(self, instant: datetime) -> None:
        object.__setattr__(self, "day_seconds", DAY_SECONDS)
        object.__setattr__(self, "instant", instant)

    instant: datetime

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def now(self) -> datetime:
        return self.instant

    def __repr__(self) -> str:
        return f"FrozenClock({self.instant})"


def delivery_of(event: Event, at: datetime, event_id: UUID | None = None, actor: str = "system") -> Delivery:
    """The message of an event that `actor` caused at `at`, signed by its service, as a broker delivers it."""
    headers = {
        "ce_id": str(event_id or new_id()),
        "ce_type": event.type,
        "ce_time": at.isoformat(),
        "ce_actor": actor,
        "ce_subject": str(event.key),
        "ce_correlationid": str(event.correlation_id),
    }
    return signed(Delivery(event.topic, str(event.key).encode(), headers, event.model_dump_json().encode()))


@dataclass
class ServiceDesk:
    """`request` goes through HTTP, `run` calls a command in a transaction of its own, `deliver` goes through the inbox."""

    service: str
    sessions: Sessions
    clock: FrozenClock
    policies: PolicyBook
    handlers: Handlers
    issuer: Issuer | None = None
    app: FastAPI | None = None
    client: httpx.AsyncClient | None = None
    inbox: Inbox = field(init=False)

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.service, KEYS, self.sessions, self.clock, self.policies, self.handlers, pause=0.001)

    async def request(
        self, actor: Actor, method: str, path: str, expect: int = 200, *, key: str | None = None, language: str = "", **request: Any
    ) -> Any:
        """The JSON of the answer. AssertionError for another status than `expect`. `key` is an Idempotency-Key, `language` an
        Accept-Language."""
        assert self.client is not None, "this desk has no HTTP app"
        assert self.issuer is not None, "this desk has no issuer"
        headers = {"Authorization": f"Bearer {self.issuer.mint(actor)}", "Accept-Language": language}
        headers |= {"Idempotency-Key": key} if key else {}
        answer = await self.client.request(method, f"/api/{self.service}{path}", headers=headers, **request)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def run(self, command: Callable[..., Awaitable[Result]], actor: Actor, *arguments: Any, **options: Any) -> Result:
        """The result of the command, after the commit. The actor has just signed in."""
        async with self.sessions.begin() as session:
            return await command(Context(session, replace(actor, fresh=True), self.policies, self.clock.now), *arguments, **options)

    async def deliver(self, *events: Event, ago: timedelta = timedelta(), twice: bool = False, actor: str = "system") -> None:
        """Gives events to the inbox in one batch, as the worker does; `ago` is how long ago they happened."""
        deliveries = [delivery_of(event, self.clock.instant - ago, actor=actor) for event in events]
        await self.inbox.take(deliveries + deliveries if twice else deliveries)

    async def events(self, contract: type[Event] | None = None, key: UUID | None = None) -> list[OutboxRow]:
        """The events published so far, in order; of one contract or about one aggregate, when given."""
        query = select(OutboxRow).order_by(col(OutboxRow.position))
        if contract is not None:
            query = query.where(col(OutboxRow.type) == contract.type)
        if key is not None:
            query = query.where(col(OutboxRow.key) == key)
        async with self.sessions() as session:
            return list(await session.scalars(query))

    async def published(self, *contracts: type[Event], key: UUID | None = None) -> list[str]:
        """The names of the events published so far, in order; only of these contracts, when given."""
        wanted = {contract.type for contract in contracts}
        return [row.type.split(".")[1] for row in await self.events(key=key) if not wanted or row.type in wanted]

    async def counted(self, contract: type[TasksCounted], waiting: Waiting) -> list[dict[str, Any]]:
        """What waits by the newest event, region by region, after two rounds of the daily count."""
        counts = TaskCounts(self.sessions, self.clock, self.policies, contract, waiting)
        for _ in range(2):
            await counts.count()
        newest = {row.body["region"]: row.body["tasks"] for row in await self.events(contract)}
        return [{name: value for name, value in task.items() if value is not None} for tasks in newest.values() for task in tasks]

    async def row(self, kind: type[Row], key: Any) -> Row:
        async with self.sessions() as session:
            return await session.get_one(kind, key)

    async def rows(self, kind: type[Any]) -> list[Any]:
        async with self.sessions() as session:
            return list((await session.scalars(select(kind))).all())

    async def assert_nothing_lost(self) -> None:
        """No event is parked or a dead letter."""
        assert [row.error for row in await self.rows(DeadLetterRow)] == []
        assert [row.detail for row in await self.rows(ParkedRow)] == []


REGIONS = Path(__file__).resolve().parents[2] / "regions"
SEALING = Sealer([bytes(32)], bytes(32))
"""The master key of every desk."""
ANCHORS = Path(tempfile.gettempdir()) / f"triptych-anchors-{os.getpid()}"


def service_settings(database_url: str, kafka: str = "127.0.0.1:1", service: str = "applications", **changed: Any) -> ServiceSettings:
    """The settings of a service process, for a worker on a database and a broker of the test."""
    addresses = {"jwks_url": "http://127.0.0.1:1", "revocations_url": "http://127.0.0.1:1"}
    identity = {**addresses, "issuer": "test", "audience": "test", "hash_key": "00" * 32, "regions": REGIONS, "anchors": ANCHORS}
    return ServiceSettings(database_url=database_url, kafka=kafka, **identity, **{**key_settings(service), **changed})


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app without a network between."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        yield client


_ASSEMBLED: dict[str, FastAPI] = {}


def service_app(
    service: Service, verifier: TokenVerifier, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook, hash_key: bytes = b""
) -> FastAPI:
    """The app of a service, with a state of its own. Its routes are built once in a run, which takes a tenth of a second."""
    if service.name not in _ASSEMBLED:
        _ASSEMBLED[service.name] = service.assemble(verifier, sessions, clock, policies, hash_key)
    app = copy(_ASSEMBLED[service.name])
    parts = {"verifier": verifier, "sessions": sessions, "clock": clock, "policies": policies, "hash_key": hash_key}
    app.state = State({**_ASSEMBLED[service.name].state._state, **parts})
    return app


@asynccontextmanager
async def assembled(
    service: Service, url: str, issuer: Issuer, clock: FrozenClock, policies: PolicyBook, hash_key: bytes
) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient, Sessions]]:
    """A service's app on a database of its own, with a client; the connections are closed at the end."""
    engine = create_engine(url)
    sessions = sessions_of(engine, SEALING)
    app = service_app(service, issuer.verifier(), sessions, clock, policies, hash_key)
    async with client_of(app) as client:
        yield app, client, sessions
    await engine.dispose()
