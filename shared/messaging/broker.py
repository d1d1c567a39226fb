"""How we come to a broker: the topics, which we create ourselves, the producer, and a consumer that belongs to no group."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from shared.messaging.profile import BrokerProfile

STOP_SECONDS = 2


async def ensure_topics(bootstrap: str, topics: list[str], profile: BrokerProfile) -> None:
    """Creates what is missing. KafkaError or OSError when the broker does not answer; in bounded time whatever it does."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    try:
        await admin.start()
        known = set(await admin.list_topics())
        for topic in topics:
            if topic not in known:
                await _create(admin, NewTopic(topic, profile.partitions, profile.replication, topic_configs=profile.topic_settings))
    finally:
        await _end(admin.close)


async def _create(admin: AIOKafkaAdminClient, topic: NewTopic) -> None:
    try:
        answer = await admin.create_topics([topic])
    except TopicAlreadyExistsError:  # another service was faster
        return
    for _, code, *message in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise KafkaError(f"topic {topic.name}: error {code} {message}")


@asynccontextmanager
async def producing(bootstrap: str, profile: BrokerProfile) -> AsyncIterator[AIOKafkaProducer]:
    """A producer whose messages count when all in-sync replicas have them; it ends in bounded time whatever the broker does."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=profile.idempotent, linger_ms=2, request_timeout_ms=10_000
    )
    try:
        await producer.start()
        yield producer
    finally:
        await _end(producer.stop, producer._sender.close, producer.client.close)


@asynccontextmanager
async def looking(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer that is assigned what it reads, from its beginning. It ends in bounded time whatever the broker does."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", request_timeout_ms=10_000)
    try:
        await consumer.start()
        yield consumer
    finally:
        await _end(consumer.stop, consumer._client.close)


async def _end(*steps: Callable[[], Awaitable[object]]) -> None:
    """The client's own `stop`, then what that should have ended too.

    An idempotent producer never gives a message up, and waits for a broker that is gone. A client that has only just started hands on the
    cancellation of its own tasks, as if we were cancelled. So each step is a task of its own, and nothing that comes of it matters.
    """
    for step in steps:
        ending = asyncio.ensure_future(step())
        ending.add_done_callback(lambda it: it.cancelled() or it.exception())  # looked at, or asyncio would complain of it
        await asyncio.wait([ending], timeout=STOP_SECONDS)
        ending.cancel()
