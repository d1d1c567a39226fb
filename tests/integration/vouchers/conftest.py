"""The service on a database of its own, with vouchers at any stage of their life."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from deploy.embedded.ports import free_port
from services.vouchers.activities import VoucherActivities
from services.vouchers.app import SERVICE
from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.issue_voucher import issue_voucher
from services.vouchers.commands.send_offer import send_offer
from services.vouchers.domain.stages import Stage
from services.vouchers.settings import Settings
from services.vouchers.steps.reservation import request_reservation
from services.vouchers.steps.voucher import locked
from services.vouchers.tables import VoucherRow
from services.vouchers.workflows.models import Award
from shared.database import Sessions, create_engine, sessions_of
from shared.identity.actor import SYSTEM, Actor, Role
from shared.kernel.clock import ProgrammeClock
from shared.kernel.ids import derive_id, new_id
from shared.messaging.context import Context
from shared.messaging.tables import OutboxRow
from shared.policy.loader import load_book
from shared.policy.schema import Policy
from tests.conftest import FreshDatabase
from tests.support.identity import AUDIENCE, NAME, Issuer, serving

REGIONS = Path(__file__).parents[3] / "regions"
KORTRIJK = "be-kortrijk"
ORGANISATION = UUID(int=77)
APPLICANT = Actor("applicant", frozenset({Role.APPLICANT}), frozenset({KORTRIJK}), ORGANISATION)
OFFICER = Actor("officer", frozenset({Role.OFFICER}), frozenset({KORTRIJK}))
AUDITOR = Actor("auditor", frozenset({Role.AUDITOR}), frozenset({KORTRIJK}))
BEGINNING = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    with serving() as running:
        yield running


@dataclass
class Desk:
    """`settings` are the service's; Temporal is not there unless a test starts it at `settings.temporal`."""

    settings: Settings
    sessions: Sessions
    issuer: Issuer

    def __post_init__(self) -> None:
        self.clock: ProgrammeClock = self.settings.clock()
        self.book = load_book(self.settings.regions)
        self.policy: Policy = next(policy for policy in self.book.all() if policy.region == KORTRIJK)
        self.activities = VoucherActivities(self.sessions, self.clock, self.book)

    def award(self, application_id: UUID | None = None) -> Award:
        application_id = application_id or new_id()
        award_id = derive_id(application_id, "award", 1)
        ids = {"award_id": award_id, "voucher_id": derive_id(award_id, "voucher"), "application_id": application_id, "call_id": new_id()}
        what = {"region": KORTRIJK, "scheme": self.policy.scheme, "policy_id": self.policy.id, "organisation_id": ORGANISATION}
        return Award(**ids, **what, amount_minor=500_000, currency="EUR", clock=self.clock)

    def context(self, session: AsyncSession, actor: Actor = SYSTEM, now: datetime | None = None) -> Context:
        return Context(session, actor, self.book, now or self.clock.now())

    async def voucher(self, stage: Stage) -> VoucherRow:
        """One that has come as far as `stage`: requested, offered, accepted or issued."""
        award = self.award()
        async with self.sessions.begin() as session:
            context = self.context(session)
            await request_reservation(context, award)
            row = await locked(context, award.voucher_id)
            if stage is not Stage.REQUESTED:
                await send_offer(context, row, self.policy)
            if stage in (Stage.ACCEPTED, Stage.ISSUED):
                await answer_offer(self.context(session, APPLICANT), row.id, accept=True)
            if stage is Stage.ISSUED:
                await issue_voucher(context, row, self.policy)
        assert row.state == stage
        return row

    async def row(self, voucher_id: UUID) -> VoucherRow:
        async with self.sessions() as session:
            return await session.get_one(VoucherRow, voucher_id)

    async def events(self, key: UUID) -> list[str]:
        """The names of the events about a voucher (or another aggregate), in their order."""
        query = select(OutboxRow).where(col(OutboxRow.key) == key).order_by(col(OutboxRow.position))
        async with self.sessions() as session:
            return [row.type.split(".")[1] for row in await session.scalars(query)]


@pytest_asyncio.fixture
async def desk(fresh_database: FreshDatabase, issuer: Issuer) -> AsyncIterator[Desk]:
    url = await fresh_database("vouchers")
    settings = Settings(
        database_url=url,
        kafka="127.0.0.1:1",
        jwks_url=issuer.url,
        issuer=NAME,
        audience=AUDIENCE,
        regions=REGIONS,
        hash_key="00",
        temporal=f"127.0.0.1:{free_port()}",
        clock_real=ProgrammeClock().now(),
        clock_programme=BEGINNING,
        database_pool=5,
    )
    engine = create_engine(url, pool=10)
    yield Desk(settings, sessions_of(engine), issuer)
    await engine.dispose()


@dataclass
class Office:
    """The HTTP side: `ask` answers with the JSON and fails on any status but the expected one."""

    app: FastAPI
    client: httpx.AsyncClient
    issuer: Issuer

    async def ask(self, actor: Actor, method: str, path: str, expect: int = 200, **request: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.issuer.mint(actor)}"}
        answer = await self.client.request(method, f"/api/vouchers{path}", headers=headers, **request)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()


@pytest_asyncio.fixture
async def office(desk: Desk) -> AsyncIterator[Office]:
    app = SERVICE.build_app(desk.settings)
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Office(app, client, desk.issuer)
