"""The sending side against real PostgreSQL and a real broker: order, two relays, crash after sending, broker without memory."""

import asyncio
import contextlib
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from sqlalchemy import text

from deploy.embedded.servers import Tansu
from shared.database import Sessions
from shared.kernel.ids import new_id
from shared.messaging.broker import EMBEDDED
from shared.messaging.relay import Relay
from shared.messaging.worker import own_topics
from tests.integration.messaging.conftest import Write


@pytest_asyncio.fixture
async def own_broker(server_folder: Path) -> AsyncIterator[Tansu]:
    """A broker that the test may kill."""
    server = Tansu(server_folder / f"broker-{new_id()}")
    server.start()
    await asyncio.to_thread(server.wait_ready)
    yield server
    server.stop()


def relay(url: str, bootstrap: str) -> Relay:
    return Relay("applications", url, bootstrap, own_topics("applications"), EMBEDDED, sweep_seconds=0.3)


@contextlib.asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.run()) for one in relays]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def all_published(sessions: Sessions, within: float = 20) -> None:
    async with asyncio.timeout(within):
        while True:
            async with sessions() as session:
                if not (await session.execute(text("SELECT count(*) FROM outbox WHERE published_at IS NULL"))).scalar():
                    return
            await asyncio.sleep(0.05)


async def on_the_broker(bootstrap: str, count: int, within: float = 20) -> list[tuple[str, str]]:
    """At least `count` (key, event id) of the calls topic, in order per partition."""
    consumer = AIOKafkaConsumer(
        "applications.calls", bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=20, metadata_max_age_ms=500
    )
    await consumer.start()
    try:
        got: list[tuple[str, str]] = []
        async with asyncio.timeout(within):
            while len(got) < count:
                record = await consumer.getone()
                got.append((record.key.decode(), dict(record.headers)["ce_id"].decode()))
        return got
    finally:
        await consumer.stop()


async def test_events_of_one_key_arrive_in_the_order_in_which_they_were_written(
    url: str, sessions: Sessions, write: Write, own_broker: Tansu
) -> None:
    keys = [new_id() for _ in range(5)]
    written: dict[str, list[str]] = defaultdict(list)
    async with running(relay(url, own_broker.address)):
        for number in range(40):
            key = keys[number % 5]
            written[str(key)].append(str(await write(key)))
        await all_published(sessions)
    arrived: dict[str, list[str]] = defaultdict(list)
    for key_text, event in await on_the_broker(own_broker.address, 40):
        arrived[key_text].append(event)
    assert arrived == written


async def test_of_two_relays_one_works_and_the_other_takes_over(url: str, sessions: Sessions, write: Write, own_broker: Tansu) -> None:
    first, second = relay(url, own_broker.address), relay(url, own_broker.address)
    task = asyncio.create_task(first.run())
    async with asyncio.timeout(15):
        while not first.leading:
            await asyncio.sleep(0.05)
    async with running(second):
        await write()
        await all_published(sessions)
        assert (first.leading, second.leading) == (True, False)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await write()
        await all_published(sessions)
        assert second.leading
    assert len(await on_the_broker(own_broker.address, 2)) == 2


async def test_a_relay_that_dies_between_sending_and_marking_sends_again(
    url: str, sessions: Sessions, write: Write, own_broker: Tansu
) -> None:
    event = await write()
    async with running(relay(url, own_broker.address)):
        await all_published(sessions)
    async with sessions.begin() as session:  # as a crash before the mark leaves it
        await session.execute(text("UPDATE outbox SET published_at = NULL"))
    async with running(relay(url, own_broker.address)):
        await all_published(sessions)
    assert [id for _, id in await on_the_broker(own_broker.address, 2)] == [str(event)] * 2


async def test_a_broker_that_lost_its_memory_is_refilled_while_the_relay_runs_and_when_it_starts(
    url: str, sessions: Sessions, write: Write, own_broker: Tansu
) -> None:
    events = {str(await write()) for _ in range(25)}
    async with running(relay(url, own_broker.address)):
        await all_published(sessions)
        await restart_empty(own_broker)
        assert {id for _, id in await on_the_broker(own_broker.address, 25, within=40)} == events
    await restart_empty(own_broker)
    async with running(relay(url, own_broker.address)):
        assert {id for _, id in await on_the_broker(own_broker.address, 25, within=40)} == events


async def test_a_broker_that_holds_everything_is_left_alone(url: str, sessions: Sessions, write: Write, own_broker: Tansu) -> None:
    await asyncio.gather(*(write() for _ in range(60)))  # many keys at once: several messages in a batch of the broker
    async with running(relay(url, own_broker.address)):
        await all_published(sessions)
        await asyncio.sleep(2)
    assert len(await on_the_broker(own_broker.address, 60)) == 60
    with contextlib.suppress(TimeoutError):
        assert len(await on_the_broker(own_broker.address, 61, within=2)) == 60


async def restart_empty(broker: Tansu) -> None:
    await asyncio.to_thread(broker.stop)
    broker.start()
    await asyncio.to_thread(broker.wait_ready)


async def test_a_refill_that_was_interrupted_is_begun_anew(url: str, sessions: Sessions, write: Write, own_broker: Tansu) -> None:
    events = {str(await write()) for _ in range(5)}
    async with running(relay(url, own_broker.address)):
        await all_published(sessions)
    await restart_empty(own_broker)
    database = await asyncpg.connect(url.replace("+asyncpg", ""))
    await database.execute("UPDATE outbox_marks SET refilling = true, next_offset = 0")  # as if only the ends had been reached
    await database.close()
    async with running(relay(url, own_broker.address)):
        assert {id for _, id in await on_the_broker(own_broker.address, 5, within=40)} == events


async def test_an_uncommitted_event_is_never_published(url: str, sessions: Sessions, write: Write, own_broker: Tansu) -> None:
    from shared.contracts.applications import CallOpened
    from shared.messaging.outbox import publish
    from tests.integration.messaging.conftest import CAUSE, NOW

    async with running(relay(url, own_broker.address)):
        async with sessions() as session:
            publish(session, CAUSE, CallOpened(call_id=uuid.UUID(int=1), region="r", opened_at=NOW), reason="test", policy_id="p")
            await session.flush()
            await asyncio.sleep(0.5)
            await session.rollback()
        kept = str(await write())
        await all_published(sessions)
    assert [id for _, id in await on_the_broker(own_broker.address, 1)] == [kept]
