"""The desk of evaluation: its HTTP app and inbox on a database of its own, real tokens, and a clock that the test moves."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text

from services.evaluation.app import SERVICE
from services.evaluation.subscribers import HANDLERS
from shared.contracts.vouchers import MilestoneReached
from shared.database import Sessions
from shared.identity.actor import Actor, Role, grants
from shared.messaging.event import Event
from tests.support.desk import FrozenClock, ServiceDesk, assembled
from tests.support.evaluation import BOOK, KEY, START, Scene, evaluator, officer
from tests.support.identity import Issuer

FreshDatabase = Callable[[str], Awaitable[str]]
FULL = {"relevance": 30, "transition": 30, "quality": 20, "capacity": 10, "value-for-money": 10}


def sheet(total: int) -> dict[str, int]:
    """Scores of about this total, spread evenly: exact for multiples of ten."""
    return {name: most * total // 100 for name, most in FULL.items()}


def applicant(scene: Scene, sequence: int) -> Actor:
    """A person of the organisation that applied."""
    return Actor(f"applicant-{sequence}", grants({Role.APPLICANT}, {scene.region}), scene.application(sequence))


class Desk(ServiceDesk):
    """The desk of evaluation, with its usual actions."""

    app: FastAPI
    client: httpx.AsyncClient
    issuer: Issuer

    def __init__(self, app: FastAPI, client: httpx.AsyncClient, issuer: Issuer, sessions: Sessions, clock: FrozenClock) -> None:
        super().__init__("evaluation", sessions, clock, BOOK, HANDLERS, issuer, app, client)

    async def receive(self, *events: Event, twice: bool = True, at_once: bool = False) -> None:
        """Delivers the events one by one, a minute apart (`at_once`: as one batch), each a second time unless `twice` is False. A milestone
        comes at its instant or later."""
        for batch in [events] if at_once else [(event,) for event in events]:
            due = [event.due_at for event in batch if isinstance(event, MilestoneReached)]
            self.clock.instant = max([self.clock.instant + timedelta(minutes=1), *due])
            await self.deliver(*batch, ago=timedelta(minutes=1), twice=twice)
        assert await self.count("dead_letters") == 0

    async def register(self, *names: str, expect: int = 201, registrar: str = "registrar-1", **profile: Any) -> None:
        for name in names:
            body = {"evaluator_id": name, "region": Scene().region, "languages": ["en"], "topics": ["design"]} | profile
            await self.request(officer(name=registrar), "POST", "/evaluators", expect, json=body)

    async def assignments(self, *, call: UUID | None = None, **filters: Any) -> list[dict[str, Any]]:
        params = filters | ({"call_id": str(call)} if call else {}) | {"limit": 200}
        return list((await self.request(officer(), "GET", "/assignments", params=params))["items"])

    async def declare(self, assignment: Mapping[str, Any], expect: int = 200, *, conflict: bool = False, **body: Any) -> Any:
        path = f"/assignments/{assignment['id']}/declaration"
        return await self.request(evaluator(assignment["evaluator_id"]), "POST", path, expect, json={"conflict": conflict} | body)

    async def score(
        self, assignment: Mapping[str, Any], scores: Mapping[str, int], expect: int = 200, comment: str = "", **body: Any
    ) -> Any:
        path = f"/assignments/{assignment['id']}/scores"
        body = {"scores": dict(scores), "comment": comment} | body
        return await self.request(evaluator(assignment["evaluator_id"]), "POST", path, expect, json=body)

    async def evaluate(self, application_id: UUID, *totals: int) -> None:
        """Declares and scores as many open assignments of the case as there are totals, in the order of their seats."""
        for total in totals:
            pending = [each for each in await self.assignments(state="assigned") if each["application_id"] == str(application_id)]
            first = min(pending, key=lambda each: each["seat"])
            await self.declare(first)
            await self.score(first, sheet(total))

    async def ranking(self, scene: Scene) -> Any:
        return await self.request(officer(scene.method), "GET", f"/calls/{scene.call_id}/ranking")

    async def approve(self, scene: Scene, actor: Actor | None = None, expect: int = 200, list_hash: str = "") -> Any:
        body = {"list_hash": list_hash or (await self.ranking(scene))["list_hash"] or "0" * 64}
        return await self.request(actor or officer(scene.method), "POST", f"/calls/{scene.call_id}/ranking/approval", expect, json=body)

    async def appeal(self, scene: Scene, sequence: int, expect: int = 201, grounds: str = "The costs were misread.") -> Any:
        path = f"/cases/{scene.application(sequence)}/appeal"
        return await self.request(applicant(scene, sequence), "POST", path, expect, json={"grounds": grounds})

    async def decide(self, appeal: Mapping[str, Any], expect: int = 200, *, by: str = "reviewer-1", **body: Any) -> Any:
        path = f"/appeals/{appeal['id']}/decision"
        return await self.request(officer(name=by), "POST", path, expect, json={"reasons": "As the file says."} | body)

    async def result(self, scene: Scene, sequence: int) -> Any:
        return await self.request(applicant(scene, sequence), "GET", f"/cases/{scene.application(sequence)}/result")

    async def outcomes(self, scene: Scene) -> dict[int, str | None]:
        """Sequence → the outcome in force, or the state of the case before a decision."""
        page = await self.request(officer(scene.method), "GET", "/cases", params={"call_id": str(scene.call_id), "limit": 200})
        return {case["sequence"]: case["decision"]["outcome"] if case["decision"] else case["state"] for case in page["items"]}

    async def case(self, scene: Scene, sequence: int) -> Any:
        return await self.request(officer(scene.method), "GET", f"/cases/{scene.application(sequence)}")

    async def count(self, table: str) -> int:
        async with self.sessions() as session:
            return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


@pytest_asyncio.fixture
async def desk(fresh_database: FreshDatabase, issuer: Issuer) -> AsyncIterator[Desk]:
    clock = FrozenClock(START)
    async with assembled(SERVICE, await fresh_database("evaluation"), issuer, clock, BOOK, KEY) as (app, client, sessions):
        yield Desk(app, client, issuer, sessions, clock)
