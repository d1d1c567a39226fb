"""How we come to a broker: the topics, which we create ourselves, and the producer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from shared.messaging.profile import BrokerProfile

STOP_SECONDS = 2


async def ensure_topics(bootstrap: str, topics: list[str], profile: BrokerProfile) -> None:
    """Creates what is missing. KafkaError or OSError when the broker does not answer."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    await admin.start()
    try:
        known = set(await admin.list_topics())
        for topic in topics:
            if topic not in known:
                await _create(admin, NewTopic(topic, profile.partitions, profile.replication, topic_configs=profile.topic_settings))
    finally:
        await admin.close()


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
        await _stop(producer)


async def _stop(producer: AIOKafkaProducer) -> None:
    """An idempotent producer never gives a message up, and its `stop` would wait for a broker that is gone."""
    try:
        await asyncio.wait_for(producer.stop(), STOP_SECONDS)
    except TimeoutError:
        await producer._sender.close()
        await producer.client.close()
