"""The path of an event on three brokers, of which one may be killed, hang, be restarted or lose its disk while events are in flight."""

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.embedded.kafka.server import ClusterMember, Kafka
from deploy.embedded.ports import LOOPBACK, free_port
from shared.contracts.applications import CallOpened
from shared.database import Sessions
from shared.kernel.ids import new_id
from shared.messaging.broker import open_producer
from shared.messaging.profile import BrokerKind, profile_of
from shared.messaging.relay import SEND_TIMEOUT_SECONDS, Relay
from shared.policy.resolver import PolicyBook
from shared.runtime.worker import Worker, own_topics
from tests.integration.messaging.conftest import Write, remove_topics
from tests.integration.messaging.test_relay import all_published, on_the_broker, running
from tests.integration.messaging.test_worker import note
from tests.support.apache_kafka import skip_without_apache_kafka
from tests.support.desk import SEALING, service_settings
from tests.support.event_keys import SIGNERS

pytestmark = pytest.mark.timeout(180)
PROFILE = profile_of(BrokerKind.KAFKA, 3)
LONGER_THAN_A_SESSION_SECONDS = 7


class Cluster:
    def __init__(self, folder: Path) -> None:
        ports = [free_port() for _ in range(3)]
        quorum = tuple(f"{LOOPBACK}:{port}" for port in ports)
        self.brokers = {
            node: Kafka(folder / str(node), name=f"broker-{node}", member=ClusterMember(node, port, quorum))
            for node, port in enumerate(ports, start=1)
        }

    @property
    def address(self) -> str:
        return ",".join(broker.address for broker in self.brokers.values())

    async def start(self, *nodes: int) -> None:
        """Starts these brokers, or all; one that an earlier test left stopped continues."""
        for node in nodes or self.brokers:
            if self.brokers[node].running:
                self.signal(signal.SIGCONT, node)
            else:
                self.brokers[node].start()
        for node in nodes or self.brokers:
            await asyncio.to_thread(self.brokers[node].wait_ready, 90)

    def signal(self, number: signal.Signals, *nodes: int) -> None:
        for node in nodes:
            pid = self.brokers[node].pid
            assert pid is not None
            os.kill(pid, number)

    def kill(self, *nodes: int) -> None:
        self.signal(signal.SIGKILL, *nodes)
        for node in nodes:
            self.brokers[node].stop()

    async def restart(self, node: int) -> None:
        await asyncio.to_thread(self.brokers[node].stop)
        await self.start(node)

    async def partitions(self) -> list[dict[str, object]]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address, request_timeout_ms=5_000)
        await admin.start()
        try:
            return list((await admin.describe_topics(["applications.calls"]))[0]["partitions"])
        finally:
            await admin.close()

    async def leader(self, partition: int = 0) -> int:
        return next(int(str(one["leader"])) for one in await self.partitions() if one["partition"] == partition)

    async def whole(self, within: float = 60) -> None:
        """Returns once all three have everything."""
        async with asyncio.timeout(within):
            while not all(len(list(one["isr"])) == 3 for one in await self.partitions()):
                await asyncio.sleep(0.3)


@pytest_asyncio.fixture(scope="module")
async def three(server_folder: Path) -> AsyncIterator[Cluster]:
    skip_without_apache_kafka()
    cluster = Cluster(server_folder / "three")
    try:
        await cluster.start()
        yield cluster
    finally:
        cluster.kill(*(node for node, broker in cluster.brokers.items() if broker.running))


@pytest_asyncio.fixture
async def worker(engine: AsyncEngine, url: str, three: Cluster) -> AsyncIterator[Worker]:
    """It publishes as `applications` and reacts to its own events. No test may make it republish its log."""
    await three.start()
    worker = Worker("applications", service_settings(url, three.address, brokers=3), engine, PolicyBook([]), {CallOpened: note})
    with structlog.testing.capture_logs() as logs:
        async with worker.started():
            await three.whole()
            while not worker.relay.leading:  # then its topics exist, for which all three are needed
                await asyncio.sleep(0.1)
            yield worker
    await three.start()
    await remove_topics(three.address)
    assert not [entry for entry in logs if "republish" in entry["event"]]


Written = dict[uuid.UUID, list[uuid.UUID]]


@contextlib.asynccontextmanager
async def writing(write: Write) -> AsyncIterator[Written]:
    """Events of eight keys, one after another, for as long as the block lasts."""
    written: Written = {new_id(): [] for _ in range(8)}
    ended = asyncio.Event()

    async def write_on() -> None:
        for key in itertools.cycle(written):
            written[key].append(await write(key))
            await asyncio.sleep(0.02)
            if ended.is_set():
                return

    task = asyncio.create_task(write_on())
    try:
        yield written
    finally:
        ended.set()
        await task


async def arrive(sessions: Sessions, written: Written, within: float = 45) -> None:
    """Waits until every event written so far has taken effect once, those of a key in their order."""
    expected = {key: list(events) for key, events in written.items()}
    async with asyncio.timeout(within):
        while True:
            taken = await effects(sessions)
            for key, events in expected.items():
                assert all(one == other for one, other in zip(taken[key], events, strict=False))
            if all(len(taken[key]) >= len(events) for key, events in expected.items()):
                return
            await asyncio.sleep(0.2)


async def effects(sessions: Sessions) -> Written:
    found: Written = defaultdict(list)
    async with sessions() as session:
        for key, event in await session.execute(text("SELECT key, event_id FROM effects ORDER BY number")):
            found[key].append(event)
    return found


async def published(sessions: Sessions) -> tuple[int, int]:
    """How many events are marked as published, and how many wait."""
    async with sessions() as session:
        counts = await session.execute(text("SELECT count(published_at), count(*) - count(published_at) FROM outbox"))
        done, waiting = counts.one()
    return done, waiting


async def test_killed_partition_leader_returns_without_loss(worker: Worker, three: Cluster, sessions: Sessions, write: Write) -> None:
    async with writing(write) as written:
        await asyncio.sleep(1)
        leader = await three.leader()
        three.kill(leader)
        await asyncio.sleep(1)
        await arrive(sessions, written)  # the two others are enough
        await three.start(leader)
    await arrive(sessions, written)


async def test_hanging_minority_causes_no_delay_and_no_republishing(
    worker: Worker, three: Cluster, sessions: Sessions, write: Write
) -> None:
    """It hangs for longer than its session, and then reports old end offsets."""
    async with writing(write) as written:
        await asyncio.sleep(1)
        leader = await three.leader()
        three.signal(signal.SIGSTOP, leader)
        await asyncio.sleep(LONGER_THAN_A_SESSION_SECONDS)
        three.signal(signal.SIGCONT, leader)
    await arrive(sessions, written)


async def test_rolling_restart_loses_and_repeats_nothing(worker: Worker, three: Cluster, sessions: Sessions, write: Write) -> None:
    async with writing(write) as written:
        for node in three.brokers:
            await three.restart(node)
            await three.whole()
    await arrive(sessions, written)


async def test_relay_waits_while_two_of_three_brokers_are_down(worker: Worker, three: Cluster, sessions: Sessions, write: Write) -> None:
    """It continues when one of them is back."""
    async with writing(write) as written:
        await asyncio.sleep(1)
    await arrive(sessions, written)
    before, waiting = await published(sessions)
    assert waiting == 0
    first = await three.leader()
    second = next(node for node in three.brokers if node != first)
    three.kill(first, second)
    more = [await write(key) for key in written]
    await asyncio.sleep(SEND_TIMEOUT_SECONDS + 1)
    assert await published(sessions) == (before, len(more))
    await three.start(second)
    for key, event in zip(written, more, strict=True):
        written[key].append(event)
    await arrive(sessions, written)


async def test_broker_without_its_disk_is_restored_by_the_others(worker: Worker, three: Cluster, sessions: Sessions, write: Write) -> None:
    async with writing(write) as written:
        await asyncio.sleep(1)
        first = await three.leader()
        three.kill(first)
        shutil.rmtree(three.brokers[first].data)
        await three.start(first)
        await three.whole()
        other = next(node for node in three.brokers if node != first)
        three.kill(other)  # now what came back must carry
        await asyncio.sleep(1)
        await arrive(sessions, written)
    await arrive(sessions, written)
    events = {str(event) for of_key in written.values() for event in of_key}
    assert {event for _, event in await on_the_broker(three.address, len(events), distinct=True)} == events


async def test_data_loss_of_all_three_brokers_republishes_the_log(three: Cluster, url: str, sessions: Sessions, write: Write) -> None:
    await three.start()
    events = {str(await write()) for _ in range(20)}
    async with running(relay(url, three)):
        await all_published(sessions)
        three.kill(*three.brokers)
        for broker in three.brokers.values():
            shutil.rmtree(broker.data)
        await three.start()
        assert {event for _, event in await on_the_broker(three.address, 20, within=60, distinct=True)} == events
    await remove_topics(three.address)


async def test_old_end_offset_of_a_stale_leader_is_not_data_loss(three: Cluster, url: str, sessions: Sessions, write: Write) -> None:
    """The broker does not know yet that it is no longer the leader."""
    await three.start()
    key = new_id()
    await write(key)
    async with running(relay(url, three)):
        await all_published(sessions)
    await three.whole()
    old = await three.leader(await marked_partition(sessions))
    others = [node for node in three.brokers if node != old]
    database = await asyncpg.connect(url.replace("+asyncpg", ""))
    async with open_producer(three.address, PROFILE) as producer, AIOKafkaConsumer(bootstrap_servers=three.address) as offsets:
        await offsets.end_offsets([TopicPartition("applications.calls", await marked_partition(sessions))])  # now it knows the leader
        three.signal(signal.SIGSTOP, old)
        await write(key)
        async with running(relay(url, three, *others)):
            await all_published(sessions, within=60)
        three.signal(signal.SIGSTOP, *others)
        three.signal(signal.SIGCONT, old)  # it knows nothing of what the others did
        with pytest.raises((TimeoutError, KafkaError)):
            await relay(url, three).check_data_loss(database, producer, offsets)
        assert not await database.fetchval("SELECT bool_or(republishing) FROM outbox_checkpoints")
        three.signal(signal.SIGCONT, *others)
    await database.close()
    await three.whole()
    await remove_topics(three.address)


def relay(url: str, three: Cluster, *nodes: int) -> Relay:
    """A client that knows these brokers at first."""
    known = ",".join(three.brokers[node].address for node in nodes) or three.address
    return Relay(SIGNERS["applications"], SEALING, url, known, own_topics("applications"), PROFILE, sweep_seconds=0.3)


async def marked_partition(sessions: Sessions) -> int:
    """The partition of the topic of calls that an event was sent to."""
    async with sessions() as session:
        return int(
            (await session.execute(text("SELECT partition FROM outbox_checkpoints WHERE topic = 'applications.calls'"))).scalar_one()
        )
