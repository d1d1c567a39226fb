"""The whole path on real parts: outbox, relay, broker, subscriber, inbox; the consumer lives through a broker that loses its memory."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from deploy.embedded.servers import Tansu
from shared.contracts.applications import CallOpened
from shared.database import Sessions
from shared.kernel.clock import ProgrammeClock
from shared.messaging.cause import Cause
from shared.messaging.worker import Worker
from tests.integration.messaging.conftest import Write, deliver
from tests.integration.messaging.test_relay import own_broker, restart_empty

__all__ = ["own_broker"]


async def note(session: AsyncSession, event: Any, cause: Cause) -> None:
    await session.execute(text("INSERT INTO effects (event_id, key) VALUES (:id, :key)"), {"id": cause.event_id, "key": event.call_id})


@pytest_asyncio.fixture
async def worker(engine: AsyncEngine, url: str, own_broker: Tansu) -> AsyncIterator[Worker]:
    """It publishes as `applications` and reacts to its own events, so one process shows both sides."""
    worker = Worker("applications", engine, url, own_broker.address, ProgrammeClock(), {CallOpened: note})
    async with worker.started():
        yield worker


async def effects(sessions: Sessions, count: int, within: float = 40) -> list[Any]:
    async with asyncio.timeout(within):
        while True:
            async with sessions() as session:
                found = list((await session.execute(text("SELECT event_id FROM effects ORDER BY number"))).scalars())
            if len(found) >= count:
                return found
            await asyncio.sleep(0.05)


async def test_what_is_committed_takes_effect_once_though_the_broker_forgets_everything(
    worker: Worker, sessions: Sessions, write: Write, own_broker: Tansu
) -> None:
    written = [await write() for _ in range(30)]
    await effects(sessions, 30)
    await restart_empty(own_broker)
    written += [await write() for _ in range(30)]
    await effects(sessions, 60)
    await asyncio.sleep(1)  # time for a second effect, were there one
    assert sorted(await effects(sessions, 60)) == sorted(written)


async def test_a_crash_between_the_effect_and_the_acknowledgement_has_no_second_effect(
    engine: AsyncEngine, url: str, own_broker: Tansu, sessions: Sessions, write: Write
) -> None:
    worker = Worker("applications", engine, url, own_broker.address, ProgrammeClock(), {CallOpened: note})
    written = [await write() for _ in range(5)]
    await worker.inbox.take([await deliver(sessions, event) for event in written])  # and no offset is committed: it died here
    async with worker.started():
        later = await write()
        assert sorted(await effects(sessions, 6)) == sorted([*written, later])
