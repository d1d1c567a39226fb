"""A database that holds the messaging tables and one table of effects, and the pieces under test, each made for one test."""

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import asyncpg
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.embedded.databases import create_database
from deploy.embedded.servers import PostgreSQL
from shared.contracts.applications import CallOpened
from shared.database import Sessions, create_engine, migrate, sessions_of
from shared.kernel.ids import new_id
from shared.messaging.cause import Cause
from shared.messaging.envelope import Delivery, headers_of
from shared.messaging.outbox import publish
from shared.messaging.tables import OutboxRow

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
CAUSE = Cause("system", NOW)
_numbers = itertools.count(1)

Write = Callable[..., Awaitable[uuid.UUID]]


@pytest_asyncio.fixture
async def url(postgres: PostgreSQL, roles: dict[str, str]) -> AsyncIterator[str]:
    name = f"messaging_{next(_numbers)}"
    admin = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
    await create_database(admin, name, owner="evaluation")
    url = postgres.url(name, "evaluation", roles["evaluation"])
    await asyncio.to_thread(migrate, "messaging", url)
    database = await asyncpg.connect(url.replace("+asyncpg", ""))
    await database.execute("CREATE TABLE effects (number bigserial PRIMARY KEY, event_id uuid NOT NULL, key uuid NOT NULL)")
    await database.close()
    yield url
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


@pytest_asyncio.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(url)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def sessions(engine: AsyncEngine) -> Sessions:
    return sessions_of(engine)


@pytest_asyncio.fixture
async def write(sessions: Sessions) -> Write:
    """`await write(key)` publishes one event of that aggregate and commits."""

    async def write(key: uuid.UUID | None = None) -> uuid.UUID:
        async with sessions.begin() as session:
            event = CallOpened(call_id=key or new_id(), region="be-kortrijk", opened_at=NOW)
            return publish(session, CAUSE, event, reason="test", policy_id="p")

    return write


async def deliver(sessions: Sessions, event_id: uuid.UUID) -> Delivery:
    """The message that the relay would send for an outbox row."""
    import orjson
    from sqlalchemy import select
    from sqlmodel import col

    async with sessions() as session:
        row = (await session.scalars(select(OutboxRow).where(col(OutboxRow.event_id) == event_id))).one()
    headers = {name: value.decode() for name, value in headers_of("applications", row.model_dump())}
    return Delivery(row.topic, headers, orjson.dumps(row.body))
