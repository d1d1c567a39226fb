"""The service's HTTP app and inbox on a database of its own, real tokens, and a clock that the test moves."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlmodel import col

from services.evaluation.app import SERVICE
from services.evaluation.subscribers import HANDLERS
from shared.database import Sessions, create_engine, sessions_of
from shared.identity.actor import Actor
from shared.kernel.ids import new_id
from shared.messaging.envelope import Delivery
from shared.messaging.event import Event
from shared.messaging.inbox import Inbox
from shared.messaging.tables import OutboxRow
from tests.support.evaluation import BOOK, KEY, START, Scene, Standing, evaluator, officer
from tests.support.identity import Issuer, serving

FreshDatabase = Callable[[str], Awaitable[str]]
FULL = {"relevance": 30, "transition": 30, "quality": 20, "capacity": 10, "value-for-money": 10}


def sheet(total: int) -> dict[str, int]:
    """Scores of about this total, spread evenly: exact for multiples of ten."""
    return {name: most * total // 100 for name, most in FULL.items()}


@dataclass
class Desk:
    """What a test does at the service. `ask` answers with the JSON and fails on any status but the expected one."""

    app: FastAPI
    client: httpx.AsyncClient
    issuer: Issuer
    sessions: Sessions
    clock: Standing

    async def ask(self, actor: Actor, method: str, path: str, expect: int = 200, **request: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.issuer.mint(actor)}"}
        answer = await self.client.request(method, f"/api/evaluation{path}", headers=headers, **request)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def take(self, *events: Event, twice: bool = True, at_once: bool = False) -> None:
        """Gives events to the inbox, as the worker does: one by one a minute apart, and each a second time unless told otherwise."""
        inbox = Inbox("evaluation", self.sessions, self.clock, BOOK, HANDLERS, pause=0.001)  # type: ignore[arg-type]
        deliveries = [as_delivery(event, self.clock) for event in events]
        for batch in [deliveries] if at_once else [[delivery] for delivery in deliveries]:
            self.clock.instant += timedelta(minutes=1)
            await inbox.take(batch + batch if twice else batch)
        assert await self.count("dead_letters") == 0

    async def register(self, *names: str, expect: int = 201, **profile: Any) -> None:
        for name in names:
            body = {"evaluator_id": name, "region": Scene().region, "languages": ["en"], "topics": ["design"]} | profile
            await self.ask(officer(), "POST", "/evaluators", expect, json=body)

    async def assignments(self, *, call: UUID | None = None, **filters: Any) -> list[dict[str, Any]]:
        params = filters | ({"call_id": str(call)} if call else {}) | {"limit": 200}
        return list((await self.ask(officer(), "GET", "/assignments", params=params))["items"])

    async def declare(self, assignment: Mapping[str, Any], expect: int = 200, *, conflict: bool = False, **body: Any) -> Any:
        path = f"/assignments/{assignment['id']}/declaration"
        return await self.ask(evaluator(assignment["evaluator_id"]), "POST", path, expect, json={"conflict": conflict} | body)

    async def score(self, assignment: Mapping[str, Any], scores: Mapping[str, int], expect: int = 200, comment: str = "") -> Any:
        path = f"/assignments/{assignment['id']}/scores"
        body = {"scores": dict(scores), "comment": comment}
        return await self.ask(evaluator(assignment["evaluator_id"]), "POST", path, expect, json=body)

    async def evaluate(self, application_id: UUID, *totals: int) -> None:
        """Declares and scores as many open assignments of the case as there are totals, in the order of their places."""
        for total in totals:
            waiting = [each for each in await self.assignments(state="assigned") if each["application_id"] == str(application_id)]
            first = min(waiting, key=lambda each: each["seat"])
            await self.declare(first)
            await self.score(first, sheet(total))

    async def ranking(self, scene: Scene) -> Any:
        return await self.ask(officer(scene.method), "GET", f"/calls/{scene.call_id}/ranking")

    async def approve(self, scene: Scene, actor: Actor | None = None, expect: int = 200, list_hash: str = "") -> Any:
        body = {"list_hash": list_hash or (await self.ranking(scene))["list_hash"] or "0" * 64}
        return await self.ask(actor or officer(scene.method), "POST", f"/calls/{scene.call_id}/ranking/approval", expect, json=body)

    async def outcomes(self, scene: Scene) -> dict[int, str | None]:
        """Sequence → the outcome in force, or the case's state while there is none."""
        page = await self.ask(officer(scene.method), "GET", "/cases", params={"call_id": str(scene.call_id), "limit": 200})
        return {case["sequence"]: case["decision"]["outcome"] if case["decision"] else case["state"] for case in page["items"]}

    async def case(self, scene: Scene, sequence: int) -> Any:
        return await self.ask(officer(scene.method), "GET", f"/cases/{scene.application(sequence)}")

    async def events(self, kind: type[Event] | None = None) -> list[OutboxRow]:
        query = select(OutboxRow).order_by(col(OutboxRow.position))
        async with self.sessions() as session:
            return list(await session.scalars(query if kind is None else query.where(col(OutboxRow.type) == kind.type)))

    async def count(self, table: str) -> int:
        async with self.sessions() as session:
            return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def as_delivery(event: Event, clock: Standing) -> Delivery:
    headers = {
        "ce_id": str(new_id()),
        "ce_type": event.type,
        "ce_time": clock.now().isoformat(),
        "ce_subject": str(event.key),
        "ce_correlationid": str(event.correlation_id),
    }
    return Delivery(event.topic, headers, event.model_dump_json().encode())


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    with serving() as running:
        yield running


@pytest_asyncio.fixture
async def desk(fresh_database: FreshDatabase, issuer: Issuer) -> AsyncIterator[Desk]:
    engine = create_engine(await fresh_database("evaluation"))
    sessions, clock = sessions_of(engine), Standing(START)
    app = SERVICE.assemble(issuer.verifier(), sessions, clock, BOOK, KEY)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        yield Desk(app, client, issuer, sessions, clock)
    await engine.dispose()
