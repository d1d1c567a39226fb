"""An idle consumer asks seldom, and a message is read at once all the same."""

import asyncio
import time

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import Fetcher

from shared.database import Sessions
from shared.kernel.ids import new_id
from shared.messaging.broker import ensure_topics, offset_reader, open_producer
from shared.messaging.fetches import LONGEST_PAUSE, SHORTEST_PAUSE
from shared.messaging.profile import PROFILES, BrokerKind
from shared.runtime.worker import Worker
from tests.integration.messaging.conftest import OwnBroker, Write
from tests.integration.messaging.test_worker import effects, worker  # noqa: F401 (a fixture)

TANSU = PROFILES[BrokerKind.TANSU]


def counted(monkeypatch: pytest.MonkeyPatch, kind: type, method: str) -> list[float]:
    """The moments at which the method is called from now on."""
    calls, original = [], getattr(kind, method)

    async def call(self: object, *arguments: object, **options: object) -> object:
        calls.append(time.monotonic())
        return await original(self, *arguments, **options)

    monkeypatch.setattr(kind, method, call)
    return calls


async def test_fetches_in_vain_become_seldom_until_a_message_comes(broker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    topic = f"fetches-{new_id()}"
    await ensure_topics(broker, [topic], TANSU)
    fetches = counted(monkeypatch, Fetcher, "_proc_fetch_request")
    async with open_producer(broker, TANSU) as producer, offset_reader(broker, TANSU) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.seek_to_beginning()
        await asyncio.sleep(2)
        begun = len(fetches)
        await asyncio.sleep(2)
        assert 0 < len(fetches) - begun <= 2 / LONGEST_PAUSE + 1
        assert consumer._fetcher.pause == LONGEST_PAUSE
        await producer.send_and_wait(topic, b"1", partition=0)
        assert (await asyncio.wait_for(consumer.getone(), 10)).value == b"1"
        assert SHORTEST_PAUSE <= consumer._fetcher.pause < LONGEST_PAUSE


async def test_consumer_that_pauses_stops_without_an_error(broker: str) -> None:
    topic = f"stops-{new_id()}"
    await ensure_topics(broker, [topic], TANSU)
    async with offset_reader(broker, TANSU) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.seek_to_beginning()
        await asyncio.sleep(1)
        await asyncio.wait_for(consumer.stop(), 10)


async def test_apache_kafka_waits_for_messages_itself(own_broker: OwnBroker) -> None:
    async with offset_reader(own_broker.address, own_broker.profile) as consumer:
        assert consumer._fetcher.pauses is (own_broker.kind is BrokerKind.TANSU)


async def test_idle_subscriber_wakes_once_a_second(
    worker: Worker,  # noqa: F811 (the fixture)
    sessions: Sessions,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await write()
    await effects(sessions, 1)
    polls = counted(monkeypatch, AIOKafkaConsumer, "getmany")
    await asyncio.sleep(3.5)
    assert len(polls) <= 6, "one a second, and those of the checks of the broker's data"
    await write()
    assert len(await effects(sessions, 2)) == 2
