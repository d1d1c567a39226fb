"""What differs between brokers, in one place, and the topics that we create ourselves."""

from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError


@dataclass(frozen=True, slots=True)
class BrokerProfile:
    """`idempotent` producers are refused by the embedded broker; it also answers a waiting fetch only when the wait is over,
    so `fetch_wait_ms` is short there. It makes a topic that somebody asks for, with four partitions: so do we."""

    partitions: int = 4
    replication: int = 1
    idempotent: bool = False
    fetch_wait_ms: int = 20


EMBEDDED = BrokerProfile()


async def ensure_topics(bootstrap: str, topics: list[str], profile: BrokerProfile) -> None:
    """Creates what is missing. KafkaError or OSError when the broker does not answer."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    await admin.start()
    try:
        known = set(await admin.list_topics())
        for topic in topics:
            if topic not in known:
                await _create(admin, NewTopic(topic, profile.partitions, profile.replication))
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
