"""Clients of a Kafka broker: topic creation, a producer, and a consumer without a group."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError
from faststream.kafka.security import parse_security
from faststream.security import SASLScram512

from shared.messaging.profile import BrokerProfile

STOP_SECONDS = 2
BATCH_BYTES = 256 * 1024
"""More than a relay sends at a time to a partition, and less than brokers take. When a batch is full, aiokafka wakes every waiting message
for each batch that it sends, so many small batches cost the square of their number."""


def security_of(profile: BrokerProfile) -> SASLScram512 | None:
    """The profile's principal, for a broker object of FastStream."""
    if (principal := profile.principal) is None:
        return None
    context = ssl.create_default_context(cafile=principal.ca) if principal.tls else None
    return SASLScram512(principal.user, principal.password, ssl_context=context)


def client_options(bootstrap: str, profile: BrokerProfile) -> dict[str, Any]:
    """Address and security of every aiokafka client."""
    return {"bootstrap_servers": bootstrap, **parse_security(security_of(profile))}


async def ensure_topics(bootstrap: str, topics: list[str], profile: BrokerProfile) -> None:
    """Creates the topics that are missing. KafkaError or OSError when the broker does not answer; returns in bounded time."""
    admin = AIOKafkaAdminClient(**client_options(bootstrap, profile), request_timeout_ms=10_000)
    try:
        await admin.start()
        known = set(await admin.list_topics())
        for topic in topics:
            if topic not in known:
                await _create(admin, NewTopic(topic, profile.partitions, profile.replication, topic_configs=profile.topic_settings))
    finally:
        await close_in_time(admin.close)


async def _create(admin: AIOKafkaAdminClient, topic: NewTopic) -> None:
    try:
        answer = await admin.create_topics([topic])
    except TopicAlreadyExistsError:  # another service was faster
        return
    for _, code, *message in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise KafkaError(f"topic {topic.name}: error {code} {message}")


@asynccontextmanager
async def open_producer(bootstrap: str, profile: BrokerProfile) -> AsyncIterator[AIOKafkaProducer]:
    """A producer with acks=all. It closes in bounded time, whatever the broker does."""
    producer = AIOKafkaProducer(
        **client_options(bootstrap, profile),
        acks="all",
        enable_idempotence=profile.idempotent,
        linger_ms=2,
        max_batch_size=BATCH_BYTES,
        request_timeout_ms=10_000,
    )
    try:
        await producer.start()
        yield producer
    finally:
        await close_in_time(producer.stop, producer._sender.close, producer.client.close)


@asynccontextmanager
async def offset_reader(bootstrap: str, profile: BrokerProfile) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group: partitions are assigned by hand, reading starts at the earliest offset. Closes in bounded time."""
    consumer = AIOKafkaConsumer(**client_options(bootstrap, profile), auto_offset_reset="earliest", request_timeout_ms=10_000)
    try:
        await consumer.start()
        yield consumer
    finally:
        await close_in_time(consumer.stop, consumer._client.close)


async def close_in_time(*steps: Callable[[], Awaitable[object]]) -> None:
    """Runs the client's `stop`, then closes what `stop` should have closed, each for at most `STOP_SECONDS`.

    An idempotent producer never gives up a message: its `stop` waits for a broker that is gone. A client that has only just
    started raises the cancellation of its own tasks. So each step runs as a task, and its result is ignored.
    """
    for step in steps:
        closing = asyncio.ensure_future(step())
        closing.add_done_callback(lambda it: it.cancelled() or it.exception())  # retrieved, or asyncio would log it
        await asyncio.wait([closing], timeout=STOP_SECONDS)
        closing.cancel()
