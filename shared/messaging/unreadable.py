"""Records that the Kafka client cannot decode are skipped, with an alarm. Without this, one of them stops its partition for good.

aiokafka raises while it decodes, keeps its position and fetches the same batch again, without end and without a line in a log. No
relay writes such a record. The records of one batch have one writer, so nothing of anybody else is in the rest, which is skipped too.
"""

from collections.abc import Iterator
from typing import Any

import aiokafka.consumer.fetcher as aiokafka
import structlog

log = structlog.get_logger()


class ReadableRecords(aiokafka.PartitionRecords):  # type: ignore[misc]
    """The fetched records of a partition, as far as they can be decoded."""

    def __init__(self, partition: Any, records: Any, *options: Any) -> None:
        super().__init__(partition, _Batches(partition, records), *options)


class _Batches:
    def __init__(self, partition: Any, records: Any) -> None:
        self.partition, self.records = partition, records
        self.has_next = records.has_next

    def next_batch(self) -> "_Batch":
        return _Batch(self.partition, self.records.next_batch())


class _Batch:
    def __init__(self, partition: Any, batch: Any) -> None:
        self.partition, self.batch = partition, batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self.batch, name)

    def __next__(self) -> Any:
        return next(self.batch)

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self.batch
        except Exception as error:  # noqa: BLE001 (whatever the record holds)
            facts = {"topic": self.partition.topic, "partition": self.partition.partition, "next_offset": self.batch.next_offset}
            log.error("records skipped that cannot be read", error=type(error).__name__, offset=self.batch.base_offset, **facts)


def skip_unreadable_records() -> None:
    """For all consumers of this process."""
    aiokafka.PartitionRecords = ReadableRecords
