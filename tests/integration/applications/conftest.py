"""The service's HTTP app on a database of its own, real tokens, and a clock that the test moves."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import select
from sqlmodel import col

from services.applications.app import SERVICE
from services.applications.subscribers import HANDLERS
from shared.database import Sessions, create_engine, sessions_of
from shared.identity.actor import Actor
from shared.kernel.ids import new_id
from shared.messaging.envelope import Delivery
from shared.messaging.event import Event
from shared.messaging.inbox import Inbox
from shared.messaging.tables import OutboxRow
from tests.support.applications import BEFORE, BOOK, KEY, OFFICER, OPEN, Standing, applicant, call_definition, form_with
from tests.support.identity import Issuer, serving

FreshDatabase = Callable[[str], Awaitable[str]]


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    with serving() as running:
        yield running


@dataclass
class Desk:
    """What a test does at the service. The short methods answer with the JSON and fail on any status but the expected one."""

    app: FastAPI
    client: httpx.AsyncClient
    issuer: Issuer
    sessions: Sessions
    clock: Standing

    async def ask(self, actor: Actor, method: str, path: str, expect: int = 200, key: str | None = None, **request: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.issuer.mint(actor)}"} | ({"Idempotency-Key": key} if key else {})
        answer = await self.client.request(method, f"/api/applications{path}", headers=headers, **request)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def publish_call(self, expect: int = 201, **changed: Any) -> Any:
        definition = call_definition().model_dump(mode="json") | changed
        return await self.ask(OFFICER, "POST", "/calls", expect, json=definition)

    async def draft(self, call_id: str, organisation: UUID, expect: int = 201, **answers: Any) -> Any:
        body = {"call_id": call_id, "form": form_with(**answers)}
        return await self.ask(applicant(organisation), "POST", "/applications", expect, key=f"key-{new_id()}", json=body)

    async def submit(self, application_id: str, organisation: UUID, expect: int = 200) -> Any:
        return await self.ask(applicant(organisation), "POST", f"/applications/{application_id}/submission", expect)

    async def submitted(self, call_id: str, organisation: UUID, **answers: Any) -> str:
        """The id of an application handed in just now."""
        identity: str = (await self.draft(call_id, organisation, **answers))["id"]
        await self.submit(identity, organisation)
        return identity

    async def screen(self, application_id: str, expect: int = 200) -> Any:
        return await self.ask(OFFICER, "POST", f"/applications/{application_id}/screening", expect)

    async def change(self, application_id: str, organisation: UUID, expect: int = 200, **answers: Any) -> Any:
        return await self.ask(
            applicant(organisation), "PUT", f"/applications/{application_id}", expect, json={"form": form_with(**answers)}
        )

    async def withdraw(self, application_id: str, organisation: UUID, expect: int = 200) -> Any:
        body = {"reason": "given-up"}
        return await self.ask(applicant(organisation), "POST", f"/applications/{application_id}/withdrawal", expect, json=body)

    async def send_back(self, application_id: str, fields: list[str], expect: int = 200) -> Any:
        return await self.ask(
            OFFICER, "POST", f"/applications/{application_id}/return", expect, json={"fields": fields, "note": "More, please."}
        )

    async def read(self, application_id: str) -> Any:
        return await self.ask(OFFICER, "GET", f"/applications/{application_id}")

    async def take(self, *events: Event, at: datetime | None = None, twice: bool = False) -> None:
        """Gives events to the inbox, as the worker does."""
        inbox = Inbox("applications", self.sessions, self.clock, BOOK, HANDLERS, pause=0.001)  # type: ignore[arg-type]
        deliveries = [as_delivery(event, at or self.clock.now()) for event in events]
        await inbox.take(deliveries + deliveries if twice else deliveries)

    async def events(self, kind: type[Event] | None = None) -> list[OutboxRow]:
        query = select(OutboxRow).order_by(col(OutboxRow.position))
        async with self.sessions() as session:
            return list(await session.scalars(query if kind is None else query.where(col(OutboxRow.type) == kind.type)))


def as_delivery(event: Event, time: datetime) -> Delivery:
    headers = {
        "ce_id": str(new_id()),
        "ce_type": event.type,
        "ce_time": time.isoformat(),
        "ce_subject": str(event.key),
        "ce_correlationid": str(event.correlation_id),
    }
    return Delivery(event.topic, headers, event.model_dump_json().encode())


@pytest_asyncio.fixture
async def desk(fresh_database: FreshDatabase, issuer: Issuer) -> AsyncIterator[Desk]:
    engine = create_engine(await fresh_database("applications"))
    sessions, clock = sessions_of(engine), Standing(BEFORE)
    app = SERVICE.assemble(issuer.verifier(), sessions, clock, BOOK, KEY)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        yield Desk(app, client, issuer, sessions, clock)
    await engine.dispose()


@pytest_asyncio.fixture
async def call_id(desk: Desk) -> str:
    """A published call; the clock then stands within its window."""
    identity: str = (await desk.publish_call())["id"]
    desk.clock.instant = OPEN
    return identity
