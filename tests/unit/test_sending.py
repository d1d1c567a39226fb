"""What a relay gives to the broker together: batches by partition, in which every key keeps its order."""

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from aiokafka.errors import KafkaConnectionError
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.kernel.ids import new_id
from shared.messaging.sending import Sent, partition_of, send_in_order

TOPIC, ROOM = "applications.calls", 10_000


class Producer:
    """Keeps the number of messages of each batch, and fails for the batches in `failing`, counted from 0."""

    def __init__(self, partitions: int = 1, failing: tuple[int, ...] = ()) -> None:
        self.partitions, self.failing, self.batches = partitions, failing, list[int]()

    async def partitions_for(self, _: str) -> set[int]:
        return set(range(self.partitions))

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(ROOM, 0)

    async def send_batch(self, batch: BatchBuilder, topic: str, *, partition: int) -> Any:
        answer = asyncio.get_running_loop().create_future()
        number, offset = len(self.batches), sum(self.batches)
        self.batches.append(batch.record_count())
        if number in self.failing:
            answer.set_exception(KafkaConnectionError("gone"))
        else:
            answer.set_result(SimpleNamespace(topic=topic, partition=partition, offset=offset))
        return answer


async def sent(producer: Producer, *events: tuple[int, UUID, int]) -> Sent:
    """Events by position, key and size of the body."""
    messages = [(at, key, (TOPIC, str(key).encode(), {"ce_id": "1"}, bytes(size))) for at, key, size in events]
    return await send_in_order(producer, messages)


def test_key_has_the_partition_of_other_clients() -> None:
    keys = [str(new_id()).encode() for _ in range(50)]
    assert [partition_of(key, 4) for key in keys] == [DefaultPartitioner()(key, [0, 1, 2, 3], []) for key in keys]


async def test_messages_of_a_partition_go_in_one_batch() -> None:
    producer, key = Producer(), new_id()
    found = await sent(producer, *((at, key, 10) for at in range(1, 41)))
    assert (found.positions, found.ends, producer.batches) == ([*range(1, 41)], {(TOPIC, 0): 1}, [40])


async def test_end_is_that_of_the_last_batch() -> None:
    """A message that does not fit into the batch begins another one, also when it is larger than any."""
    producer = Producer()
    found = await sent(producer, *((at, new_id(), size) for at, size in enumerate((ROOM // 2, ROOM // 2, 2 * ROOM, 10), start=1)))
    assert (found.positions, found.ends, producer.batches) == ([1, 2, 3, 4], {(TOPIC, 0): 4}, [1, 1, 1, 1])


@pytest.mark.parametrize(
    ("failing", "positions", "failed"), [((0,), [3, 5], "a"), ((1,), [1, 2, 5], "ab"), ((2,), [1, 2, 3, 4], "c")], ids=["1", "2", "3"]
)
async def test_failed_batch_stops_its_keys_and_no_others(failing: tuple[int, ...], positions: list[int], failed: str) -> None:
    """Two messages fill a batch. Nothing later of a key that failed is sent."""
    keys = {name: new_id() for name in "abc"}
    events = [(at, keys[name], ROOM * 2 // 5) for at, name in enumerate("aabac", start=1)]
    found = await sent(Producer(failing=failing), *events)
    assert (found.positions, set(found.failed)) == (positions, {keys[name] for name in failed})
