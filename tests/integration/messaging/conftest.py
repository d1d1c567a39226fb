"""A database with the messaging tables and one table of effects, and the parts under test, new for each test."""

import asyncio
import itertools
import os
import shutil
import signal
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from deploy.embedded.databases import create_database
from deploy.embedded.kafka.server import Kafka
from deploy.embedded.servers import PostgreSQL, Tansu
from shared.contracts.applications import CallOpened
from shared.database import Sessions, create_engine, sessions_of
from shared.identity.actor import SYSTEM
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.messaging.envelope import Delivery, message_of
from shared.messaging.outbox import publish
from shared.messaging.profile import PROFILES, BrokerKind, BrokerProfile
from shared.messaging.tables import OutboxRow
from shared.policy.resolver import PolicyBook
from shared.runtime.migrations import Migrations
from tests.support.desk import SEALING
from tests.support.event_keys import SIGNERS

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def context_of(session: AsyncSession, now: datetime = NOW) -> Context:
    return Context(session, SYSTEM, PolicyBook([]), now)


_numbers = itertools.count(1)

Write = Callable[..., Awaitable[uuid.UUID]]


@dataclass(frozen=True)
class OwnBroker:
    """A broker that the test may kill; it starts without topics."""

    kind: BrokerKind
    server: Tansu | Kafka

    @property
    def address(self) -> str:
        return self.server.address

    @property
    def profile(self) -> BrokerProfile:
        return PROFILES[self.kind]

    async def start(self) -> None:
        self.server.start()
        await asyncio.to_thread(self.server.wait_ready, 60)

    def kill(self) -> None:
        assert self.server.pid is not None
        os.kill(self.server.pid, signal.SIGKILL)
        self.server.stop()

    async def restart_empty(self) -> None:
        """A restart loses the data of the embedded broker; Kafka's disk is deleted."""
        await asyncio.to_thread(self.server.stop)
        shutil.rmtree(self.server.folder / "data", ignore_errors=True)
        await self.start()


@pytest_asyncio.fixture(params=BrokerKind)
async def own_broker(request: pytest.FixtureRequest, server_folder: Path) -> AsyncIterator[OwnBroker]:
    """Every test that uses it runs on both brokers. Kafka starts slowly, so the tests share one."""
    if request.param is BrokerKind.TANSU:
        broker = OwnBroker(request.param, Tansu(server_folder / f"broker-{new_id()}"))
        await broker.start()
        yield broker
        broker.server.stop()
    else:
        broker = OwnBroker(request.param, request.getfixturevalue("kafka"))
        yield broker
        if not broker.server.running:
            await broker.start()
        await remove_topics(broker.address)


async def remove_topics(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.delete_topics([topic for topic in await admin.list_topics() if not topic.startswith("__")])
    await admin.close()


@pytest_asyncio.fixture(scope="package")
async def template(postgres: PostgreSQL, roles: dict[str, str]) -> str:
    """The name of a migrated database to copy."""
    name = "template_messaging"
    admin = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
    await create_database(admin, name, "evaluation")
    await admin.close()
    owner = postgres.url(name, "evaluation_owner", roles["evaluation_owner"])
    await asyncio.to_thread(Migrations("messaging", MetaData(), runtime_role="evaluation").upgrade, owner)
    database = await asyncpg.connect(owner.replace("+asyncpg", ""))
    await database.execute("CREATE TABLE IF NOT EXISTS effects (number bigserial PRIMARY KEY, event_id uuid NOT NULL, key uuid NOT NULL)")
    await database.execute("GRANT ALL ON effects, effects_number_seq TO evaluation")
    await database.close()
    return name


@pytest_asyncio.fixture
async def url(postgres: PostgreSQL, roles: dict[str, str], template: str) -> AsyncIterator[str]:
    name = f"messaging_{next(_numbers)}"
    admin = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
    await create_database(admin, name, "evaluation", template, "FILE_COPY")
    yield postgres.url(name, "evaluation", roles["evaluation"])
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


@pytest_asyncio.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(url)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def sessions(engine: AsyncEngine) -> Sessions:
    return sessions_of(engine, SEALING)


@pytest_asyncio.fixture
async def write(sessions: Sessions) -> Write:
    """`await write(key)` publishes one event of that aggregate, in that region, and commits."""

    async def write(key: uuid.UUID | None = None, region: str = "be-kortrijk") -> uuid.UUID:
        async with sessions.begin() as session:
            event = CallOpened(call_id=key or new_id(), region=region, opened_at=NOW)
            return publish(context_of(session), event, reason="test", policy_id="p")

    return write


async def deliver(sessions: Sessions, event_id: uuid.UUID) -> Delivery:
    """The message that the relay would send for an outbox row."""
    import orjson
    from sqlalchemy import select
    from sqlmodel import col

    async with sessions() as session:
        row = (await session.scalars(select(OutboxRow).where(col(OutboxRow.event_id) == event_id))).one()
    message = message_of(SIGNERS["applications"], row.model_dump() | {"body": orjson.dumps(row.body).decode()})
    return Delivery(row.topic, message["key"], {name: value.decode() for name, value in message["headers"]}, message["value"])
