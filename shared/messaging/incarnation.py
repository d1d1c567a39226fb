"""The incarnation id of a broker: it identifies the broker's data, so a new id means that the data was lost.

A broker that lost its data counts offsets from 0 again. A consumer with an offset of the old data would then continue in the
middle of the new data and miss the events before. So the data has an id, which the first service that finds none writes. The id
is part of the name of every consumer group: an offset is used only with the data that it belongs to.
"""

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from aiokafka import TopicPartition

from shared.kernel.ids import new_id
from shared.messaging.broker import ensure_topics, offset_reader, open_producer
from shared.messaging.profile import BrokerProfile

TOPIC = "triptych.broker-incarnation"
"""Its first message is the incarnation id. Later messages, from services that wrote one at the same moment, are ignored."""
_PARTITION = TopicPartition(TOPIC, 0)
_TIMEOUT_SECONDS = 10
_UNLIMITED = timedelta(days=36_500)


async def incarnation_of(bootstrap: str, profile: BrokerProfile) -> str:
    """The broker's incarnation id; writes one if there is none. KafkaError, OSError or TimeoutError when the broker does not answer."""
    await ensure_topics(bootstrap, [TOPIC], replace(profile, partitions=1, retention=_UNLIMITED))
    while (incarnation := await read_incarnation(bootstrap, profile)) is None:
        async with asyncio.timeout(_TIMEOUT_SECONDS), open_producer(bootstrap, profile) as producer:
            await producer.send_and_wait(TOPIC, str(new_id()).encode(), partition=0)
    return incarnation


async def read_incarnation(bootstrap: str, profile: BrokerProfile) -> str | None:
    """The broker's incarnation id; None while there is none. Raises the same as `incarnation_of`."""
    async with asyncio.timeout(_TIMEOUT_SECONDS), offset_reader(bootstrap, profile) as consumer:
        consumer.assign([_PARTITION])
        await consumer.seek_to_beginning(_PARTITION)
        found = await consumer.getmany(_PARTITION, timeout_ms=1_000, max_records=1)
    return next((_id(record.value or b"") for records in found.values() for record in records), None)


def _id(value: bytes) -> str:
    """A message that is no id, from any client of the broker, is one too: all services then see the same."""
    try:
        return str(UUID(value.decode()))
    except ValueError:
        return hashlib.sha256(value).hexdigest()[:32]


def consumer_group(service: str, incarnation: str, number: int = 1) -> str:
    """The name of a service's consumer group. A higher `number` is a new group, which reads from the earliest offset."""
    return f"{service}.{incarnation}.{number}"
