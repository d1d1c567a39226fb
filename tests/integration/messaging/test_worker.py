"""The path of an event on real parts: outbox, relay, broker, subscriber, inbox; also after data loss of the broker."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.group import JoinGroupRequest, LeaveGroupRequest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.embedded.kafka.server import Kafka
from deploy.embedded.servers import Tansu
from shared.contracts import TOPICS
from shared.contracts.applications import CallOpened
from shared.database import Sessions, create_engine
from shared.kernel.clock import ProgrammeClock
from shared.kernel.ids import new_id
from shared.messaging.broker import ensure_topics, open_producer
from shared.messaging.context import Context
from shared.messaging.inbox import Inbox
from shared.messaging.incarnation import TOPIC, consumer_group, incarnation_of
from shared.messaging.profile import BrokerKind
from shared.policy.resolver import PolicyBook
from shared.runtime.worker import Assignment, Worker
from tests.integration.messaging.conftest import OwnBroker, Write, deliver, remove_topics
from tests.support.desk import service_settings
from tests.support.event_keys import KEYS

SLOW = "dk-kolding"


async def note(context: Context, event: Any) -> None:
    await context.session.execute(
        text("INSERT INTO effects (event_id, key) VALUES (:id, :key)"), {"id": context.event_id, "key": event.call_id}
    )


async def note_slowly(context: Context, event: Any) -> None:
    """As `note`, but one event of the region SLOW takes longer than a transaction may."""
    await note(context, event)
    if event.region == SLOW:
        await context.session.execute(text("SELECT pg_sleep(3)"))


@pytest_asyncio.fixture
async def worker(engine: AsyncEngine, url: str, own_broker: OwnBroker) -> AsyncIterator[Worker]:
    worker = worker_on(own_broker, engine, url)
    async with worker.started():
        yield worker


def worker_on(broker: OwnBroker, engine: AsyncEngine, url: str) -> Worker:
    """It publishes as `applications` and reacts to its own events, so one process shows both sides."""
    return Worker("applications", service_settings(url, broker.address, broker=broker.kind), engine, PolicyBook([]), {CallOpened: note})


async def effects(sessions: Sessions, count: int, within: float = 40) -> list[Any]:
    async with asyncio.timeout(within):
        while True:
            async with sessions() as session:
                found = list((await session.execute(text("SELECT event_id FROM effects ORDER BY number"))).scalars())
            if len(found) >= count:
                return found
            await asyncio.sleep(0.05)


async def test_committed_events_take_effect_once_despite_data_loss(
    worker: Worker, sessions: Sessions, write: Write, own_broker: OwnBroker
) -> None:
    written = [await write() for _ in range(30)]
    await effects(sessions, 30)
    await own_broker.restart_empty()
    written += [await write() for _ in range(30)]
    await effects(sessions, 60)
    await asyncio.sleep(1)  # time for a second effect, were there one
    assert sorted(await effects(sessions, 60)) == sorted(written)


async def test_offset_of_a_lost_incarnation_hides_no_new_event(
    worker: Worker, sessions: Sessions, write: Write, own_broker: OwnBroker
) -> None:
    """Repetitions made the old log shorter than the new one: when the consumer returns, the new log has passed its old offset."""
    key = new_id()
    written = [await write(key) for _ in range(20)]
    await effects(sessions, 20)
    async with open_producer(own_broker.address, own_broker.profile) as producer:
        for event in [*written, *written]:
            again = await deliver(sessions, event)
            headers = [(name, value.encode()) for name, value in again.headers.items()]
            await producer.send_and_wait(again.topic, again.body, key=str(key).encode(), headers=headers)
    await asyncio.sleep(1)  # the consumer has come to 60
    written += [await write(key) for _ in range(60)]
    await own_broker.restart_empty()
    written.append(await write(key))
    assert sorted(await effects(sessions, len(written), within=60)) == sorted(written)


async def test_early_subscriber_creates_no_topic_with_other_settings(engine: AsyncEngine, url: str, own_broker: OwnBroker) -> None:
    """A topic with fewer partitions than the relay has sent to would never report their end offsets."""
    with contextlib.suppress(KafkaError):  # one of the brokers has nothing to subscribe to then
        async with worker_on(own_broker, engine, url)._subscribed("a group", Assignment()) as start:
            await start
    await ensure_topics(own_broker.address, TOPICS, own_broker.profile)
    admin = AIOKafkaAdminClient(bootstrap_servers=own_broker.address)
    await admin.start()
    counts = {0}
    async with asyncio.timeout(10):
        while 0 in counts:  # created, and not yet known to every broker
            counts = {len(topic["partitions"]) for topic in await admin.describe_topics(TOPICS)}
    await admin.close()
    assert counts == {own_broker.profile.partitions}


async def test_group_without_assignments_is_left_for_a_new_one(
    engine: AsyncEngine, url: str, own_broker: OwnBroker, sessions: Sessions, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The embedded broker has such groups: no other member is ever assigned a partition."""
    monkeypatch.setattr("shared.runtime.worker.CHECK_SECONDS", 1)
    incarnation = await incarnation_of(own_broker.address, own_broker.profile)
    await leave_as_leader(own_broker.address, consumer_group("applications", incarnation))
    async with worker_on(own_broker, engine, url).started():
        written = await write()
        assert await effects(sessions, 1) == [written]


async def leave_as_leader(bootstrap: str, group: str) -> None:
    """Joins, becomes the leader of the group, and leaves before it has assigned partitions."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    try:
        member, leader = "", ""
        while not leader:
            with contextlib.suppress(KafkaError):  # the first group on a broker waits for its place
                coordinator = await client.coordinator_lookup(0, group)
                joining = JoinGroupRequest(group, 10_000, 10_000, member, None, "consumer", [("roundrobin", b"")])
                answer = await client.send(coordinator, joining)
                member, leader = answer.member_id, answer.leader_id
        assert member == leader
        await client.send(coordinator, LeaveGroupRequest(group, member))
    finally:
        await client.close()


async def test_crash_between_effect_and_acknowledgement_has_one_effect(
    engine: AsyncEngine, url: str, own_broker: OwnBroker, sessions: Sessions, write: Write
) -> None:
    worker = worker_on(own_broker, engine, url)
    written = [await write() for _ in range(5)]
    await worker.inbox.take([await deliver(sessions, event) for event in written])  # and no offset is committed: it died here
    async with worker.started():
        later = await write()
        assert sorted(await effects(sessions, 6)) == sorted([*written, later])


async def test_message_at_fault_costs_its_neighbours_nothing(
    url: str, own_broker: OwnBroker, sessions: Sessions, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All in one partition: a header without value, one that is no text, and an event whose handling is too slow (for PostgreSQL a closed
    connection, as in an outage)."""
    monkeypatch.setattr("shared.database.engine.TRANSACTION_SECONDS", 1)
    engine, key = create_engine(url), new_id()
    slow, *written = [await write(key, region) for region in (SLOW, *["be-kortrijk"] * 6)]
    messages = [await deliver(sessions, event) for event in (written[0], slow, *written[1:])]
    spoilt: list[dict[str, bytes | None]] = [{}, {}, {"note": None}, {"note": b"\xff"}, {"ce_time": None}, {"ce_actor": b"\xff"}, {}]
    await ensure_topics(own_broker.address, TOPICS, own_broker.profile)
    async with open_producer(own_broker.address, own_broker.profile) as producer:
        for message, odd in zip(messages, spoilt, strict=True):
            headers = [*({name: value.encode() for name, value in message.headers.items()} | odd).items()]
            await producer.send(message.topic, message.body, key=message.key, headers=headers, partition=0)
    consuming = Worker("applications", service_settings(url, own_broker.address, broker=own_broker.kind), engine, PolicyBook([]), {})
    consuming.inbox = Inbox("applications", KEYS, consuming.sessions, ProgrammeClock(), PolicyBook([]), {CallOpened: note_slowly})
    async with consuming._subscribed("neighbours", Assignment()):
        good = [written[0], written[1], written[2], written[5]]
        assert await effects(sessions, 4) == good
    async with sessions() as session:
        letters = {row.id: row.error for row in await session.execute(text("SELECT id, error FROM dead_letters"))}
    assert "TooSlow" in letters.pop(slow)
    assert all("EventRefused" in error for error in letters.values())
    assert len(letters) == 2
    await engine.dispose()


async def test_committed_events_take_effect_once_after_a_broker_kill(
    worker: Worker, sessions: Sessions, write: Write, own_broker: OwnBroker
) -> None:
    written = [await write() for _ in range(30)]
    await effects(sessions, 1)
    own_broker.kill()
    written += [await write() for _ in range(30)]
    await own_broker.start()
    await effects(sessions, 60, within=60)
    await asyncio.sleep(1)  # time for a second effect, were there one
    assert sorted(await effects(sessions, 60)) == sorted(written)


@pytest.mark.timeout(300)
async def test_events_take_effect_once_over_two_changes_of_broker(
    engine: AsyncEngine, url: str, sessions: Sessions, write: Write, kafka: Kafka, server_folder: Path
) -> None:
    written = []
    with Tansu(server_folder / "before") as before, Tansu(server_folder / "after") as after:
        turns = OwnBroker(BrokerKind.TANSU, before), OwnBroker(BrokerKind.KAFKA, kafka), OwnBroker(BrokerKind.TANSU, after)
        for broker in turns:
            written += [await write() for _ in range(10)]
            async with worker_on(broker, engine, url).started():
                written += [await write() for _ in range(10)]
                await effects(sessions, len(written), within=60)
            written.append(await write())  # nobody sends it: the next one's relay must
        async with worker_on(turns[-1], engine, url).started():
            assert sorted(await effects(sessions, len(written))) == sorted(written)
    await remove_topics(kafka.address)


async def test_unreadable_incarnation_record_is_an_id_too(own_broker: OwnBroker) -> None:
    """Any client of the broker can write one; the inboxes go on, all with the same id."""
    profile = replace(own_broker.profile, partitions=1)
    await ensure_topics(own_broker.address, [TOPIC], profile)
    async with open_producer(own_broker.address, profile) as producer:
        await producer.send_and_wait(TOPIC, b"\xff\x00", partition=0)
    found = await incarnation_of(own_broker.address, own_broker.profile)
    assert re.fullmatch("[0-9a-f]{32}", found)
    assert await incarnation_of(own_broker.address, own_broker.profile) == found


async def test_idle_subscriber_wakes_once_a_second(
    worker: Worker, sessions: Sessions, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    polls, original = [], AIOKafkaConsumer.getmany

    async def counted(self: AIOKafkaConsumer, *partitions: Any, **options: Any) -> Any:
        polls.append(options)
        return await original(self, *partitions, **options)

    await write()
    await effects(sessions, 1)
    monkeypatch.setattr(AIOKafkaConsumer, "getmany", counted)
    await asyncio.sleep(3.5)
    assert len(polls) <= 6, "one a second, and those of the checks of the broker's data"
    await write()
    assert len(await effects(sessions, 2)) == 2
