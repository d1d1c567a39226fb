"""What is measured of a service's messages: by its tables and by its consumer."""

import asyncio
from collections import Counter
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer
from sqlalchemy import text

from shared.database.engine import Sessions
from shared.telemetry.measured import (
    CONSUMER_LAG,
    CONSUMER_PARTITIONS,
    DEAD_LETTERS,
    OUTBOX_AGE,
    OUTBOX_DEPTH,
    PARKED,
    PARKED_AGE,
    Measurement,
)

_POSITION_SECONDS = 2
_TABLES = text("""
    SELECT o.depth, o.age, p.parked, p.parked_age, d.dead_letters
    FROM (SELECT count(*) AS depth, extract(epoch FROM now() - min(recorded_at)) AS age FROM outbox WHERE published_at IS NULL) AS o,
         (SELECT count(*) AS parked, extract(epoch FROM now() - min(parked_at)) AS parked_age FROM parked) AS p,
         (SELECT count(*) AS dead_letters FROM dead_letters WHERE replayed_at IS NULL) AS d
""")


class MeasuredMessages:
    """`consumer` gives that of the process; None while it has none."""

    def __init__(self, sessions: Sessions, consumer: Callable[[], AIOKafkaConsumer | None]) -> None:
        self.sessions, self.consumer = sessions, consumer

    async def tables(self) -> list[Measurement]:
        """One statement, in which each table is read by an index or is small. Ages are real time."""
        async with self.sessions() as session:
            row = (await session.execute(_TABLES)).one()
        values = {
            OUTBOX_DEPTH: row.depth,
            OUTBOX_AGE: row.age,
            PARKED: row.parked,
            PARKED_AGE: row.parked_age,
            DEAD_LETTERS: row.dead_letters,
        }
        return [Measurement(measure, float(value or 0)) for measure, value in values.items()]

    async def lag(self) -> list[Measurement]:
        """By what the consumer last read from the broker: no request is made. A message that was fetched and is being handled counts as
        read."""
        consumer = self.consumer()
        if consumer is None:
            return [Measurement(CONSUMER_PARTITIONS, 0)]
        partitions = consumer.assignment()
        behind = Counter[str]()
        async with asyncio.timeout(_POSITION_SECONDS):
            for partition in partitions:
                end = consumer.highwater(partition)
                behind[partition.topic] += 0 if end is None else max(0, end - await consumer.position(partition))
        lag = [Measurement(CONSUMER_LAG, count, {"topic": topic}) for topic, count in sorted(behind.items())]
        return [Measurement(CONSUMER_PARTITIONS, len(partitions)), *lag]
