"""Which memory of the broker this is.

A broker that loses what it held counts offsets from the start again, and a consumer that comes back with a position in the old log would
read on from the middle of the new one: what lay before that would never be read. So each memory has a name, written by whoever first finds
that it has none, and a position counts in the memory in which it was reached: the name is part of the consumer group's.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

from aiokafka import TopicPartition

from shared.kernel.ids import new_id
from shared.messaging.broker import ensure_topics, looking, producing
from shared.messaging.profile import BrokerProfile

TOPIC = "triptych.memory"
"""Its first message is the name; others were written by whoever was not quite the first."""
_PLACE = TopicPartition(TOPIC, 0)
_ANSWER_SECONDS = 10
_FOR_EVER = timedelta(days=36_500)


async def memory_of(bootstrap: str, profile: BrokerProfile) -> str:
    """The name of the broker's memory, given now if it had none. KafkaError, OSError or TimeoutError when the broker does not answer."""
    await ensure_topics(bootstrap, [TOPIC], replace(profile, partitions=1, retention=_FOR_EVER))
    while (memory := await read_memory(bootstrap)) is None:
        async with asyncio.timeout(_ANSWER_SECONDS), producing(bootstrap, profile) as producer:
            await producer.send_and_wait(TOPIC, str(new_id()).encode(), partition=0)
    return memory


async def read_memory(bootstrap: str) -> str | None:
    """The same; None when it has no name yet."""
    async with asyncio.timeout(_ANSWER_SECONDS), looking(bootstrap) as consumer:
        consumer.assign([_PLACE])
        await consumer.seek_to_beginning(_PLACE)
        found = await consumer.getmany(_PLACE, timeout_ms=1_000, max_records=1)
    return next((record.value.decode() for records in found.values() for record in records), None)


def group_of(service: str, memory: str, number: int = 1) -> str:
    """A consumer group of a service. It has another, which reads from the beginning too, when it was left out of the one before."""
    return f"{service}.{memory}.{number}"
