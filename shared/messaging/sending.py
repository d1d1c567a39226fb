"""Sends messages in order per key: to each partition one batch of the broker after the other, in which the messages keep their order.

A batch is one future and one request, whatever it holds; a message that is sent by itself costs a task, a time limit and a future.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from shared.messaging.signature import Message

SEND_TIMEOUT_SECONDS = 15
"""For all that is sent together."""
KEYS_REMEMBERED = 10_000
FAILURES = (KafkaError, TimeoutError, OSError)

Partition = tuple[str, int]
"""Topic and number of a partition."""
Queue = deque[tuple[int, UUID, Message]]
"""Position and key of an event of the outbox, and its message."""

_hash = lru_cache(KEYS_REMEMBERED)(murmur2)


@dataclass
class Sent:
    """`positions`: what all in-sync replicas acknowledged. `ends`: per partition the lowest end offset that the broker must report from now
    on. This is one past the first offset of the last batch: the embedded broker reports a batch's first offset for all its messages.
    `failed`: the keys of a batch that was not acknowledged, with the name of the error; nothing later of such a key was sent.
    """

    positions: list[int] = field(default_factory=list)
    ends: dict[Partition, int] = field(default_factory=dict)
    failed: dict[UUID, str] = field(default_factory=dict)


def partition_of(key: bytes, partitions: int) -> int:
    """That which clients of Kafka choose for the key, so that it does not change with the client."""
    return int((_hash(key) & 0x7FFFFFFF) % partitions)


async def send_in_order(producer: AIOKafkaProducer, events: Sequence[tuple[int, UUID, Message]]) -> Sent:
    """Sends in bounded time, all partitions at once. A failure delays the keys that are in the batch with it, and no others."""
    sent, ends_at = Sent(), asyncio.get_running_loop().time() + SEND_TIMEOUT_SECONDS
    topics: dict[str, Queue] = defaultdict(deque)
    for event in events:
        topics[event[2][0]].append(event)
    await _all(_send_topic(producer, topic, queue, sent, ends_at) for topic, queue in topics.items())
    return sent


async def _send_topic(producer: AIOKafkaProducer, topic: str, events: Queue, sent: Sent, ends_at: float) -> None:
    try:
        async with asyncio.timeout_at(ends_at):
            count = len(await producer.partitions_for(topic))
    except FAILURES as error:
        sent.failed |= dict.fromkeys((key for _, key, _ in events), type(error).__name__)
        return
    queues: dict[int, Queue] = defaultdict(deque)
    for event in events:
        queues[partition_of(event[2][1], count)].append(event)
    await _all(_send_partition(producer, (topic, number), queue, sent, ends_at) for number, queue in queues.items())


async def _send_partition(producer: AIOKafkaProducer, partition: Partition, queue: Queue, sent: Sent, ends_at: float) -> None:
    topic, number = partition
    while queue:
        batch, positions, keys = producer.create_batch(), list[int](), set[UUID]()
        while queue:
            position, key, (_, key_bytes, headers, body) = queue[0]
            if key not in sent.failed:
                named = [(name, value.encode()) for name, value in headers.items()]
                if batch.append(timestamp=None, key=key_bytes, value=body, headers=named) is None:  # full; the first always finds room
                    break
                positions.append(position)
                keys.add(key)
            queue.popleft()
        if not positions:
            return
        batch.close()  # so it leaves at once
        try:
            async with asyncio.timeout_at(ends_at):
                answer = await (await producer.send_batch(batch, topic, partition=number))
        except FAILURES as error:
            sent.failed |= dict.fromkeys(keys, type(error).__name__)
            continue
        sent.positions += positions
        if answer.offset >= 0:  # a duplicate that the broker took long ago is acknowledged without an offset
            sent.ends[partition] = answer.offset + 1


async def _all(sending: Iterable[Awaitable[None]]) -> None:
    """As `gather`, but returns when all have ended, so that nothing is sent behind the caller's back; then raises the first error."""
    results = await asyncio.gather(*sending, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
