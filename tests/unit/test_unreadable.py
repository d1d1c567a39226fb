"""A batch that the Kafka client cannot decode to its end stops nothing."""

from collections.abc import Iterator
from typing import Any

import aiokafka.consumer.fetcher
from aiokafka import TopicPartition
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from structlog.testing import capture_logs

from shared.messaging.unreadable import ReadableRecords, skip_unreadable_records


def batch_of(*values: bytes) -> Any:
    """A genuine batch, read as a consumer reads it."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 10_000)
    for offset, value in enumerate(values):
        builder.append(offset, timestamp=0, key=b"k", value=value, headers=[])
    return MemoryRecords(bytes(builder.build())).next_batch()


class Undecodable:
    """A batch of which the client decodes the first record only."""

    def __init__(self, batch: Any) -> None:
        self.batch, self.base_offset, self.next_offset = batch, 0, batch.next_offset
        self.is_control_batch = self.is_transactional = False
        self.producer_id = None

    def validate_crc(self) -> bool:
        return bool(self.batch.validate_crc())

    def __iter__(self) -> Iterator[Any]:
        yield next(iter(self.batch))
        raise ValueError("not to be decoded")


class Fetched:
    def __init__(self, *batches: Any) -> None:
        self.batches = list(batches)

    def has_next(self) -> bool:
        return bool(self.batches)

    def next_batch(self) -> Any:
        return self.batches.pop(0)


def test_rest_of_an_undecodable_batch_is_skipped_with_an_alarm() -> None:
    records = ReadableRecords(TopicPartition("a.topic", 3), Fetched(Undecodable(batch_of(b"1", b"2", b"3"))), [], 0, None, None, True, 0)
    with capture_logs() as logs:
        assert [record.value for record in records] == [b"1"]
    assert records.next_fetch_offset == 3
    [alarm] = logs
    assert (alarm["log_level"], alarm["topic"], alarm["partition"], alarm["error"]) == ("error", "a.topic", 3, "ValueError")


def test_batches_after_an_undecodable_one_are_read() -> None:
    fetched = Fetched(Undecodable(batch_of(b"1", b"2")), batch_of(b"3", b"4", b"5"))
    records = ReadableRecords(TopicPartition("a.topic", 0), fetched, [], 0, None, None, True, 0)
    assert [record.value for record in records] == [b"1", b"5"]  # of the second batch, what the first has not passed


def test_consumers_of_the_process_skip_what_is_unreadable() -> None:
    skip_unreadable_records()
    assert vars(aiokafka.consumer.fetcher)["PartitionRecords"] is ReadableRecords
