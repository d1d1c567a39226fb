"""The relay: publishes what the outbox holds, in order per key, and refills a broker that lost its memory.

One relay of a service works (it holds an advisory lock on a connection of its own) and others stand by. It wakes on NOTIFY
and sweeps besides, so that a crash strands nothing. An event may leave twice; it never stays behind.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterable
from uuid import UUID

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from shared.messaging.broker import ensure_topics, looking, producing
from shared.messaging.envelope import headers_of
from shared.messaging.for_ever import for_ever
from shared.messaging.profile import BrokerProfile

log = structlog.get_logger()

ROUND = 500
SEND_SECONDS = 15
ANSWER_SECONDS = 20
LEASE_SECONDS = 30
"""How long the database may be silent to a leader, and a leader to the database: a connection that is half open ends on either side,
or the lock that is held by it would keep every other relay from leading. PostgreSQL counts the silence of a session for itself, and
that in the midst of a transaction or of a statement by the length of the transaction alone."""
LEASE = "hashtext('triptych outbox relay')"
LOCK = f"SELECT pg_try_advisory_lock({LEASE})"
UNPUBLISHED = """
    SELECT * FROM outbox WHERE published_at IS NULL AND NOT (key = ANY($1::uuid[])) ORDER BY position LIMIT $2
"""
OLDEST = "SELECT * FROM outbox WHERE published_at IS NOT NULL AND topic = $1 ORDER BY position LIMIT 1"
PUBLISHED = "SELECT * FROM outbox WHERE published_at IS NOT NULL AND position > $1 ORDER BY position LIMIT $2"
MARK = "UPDATE outbox SET published_at = now() WHERE published_at IS NULL AND position = ANY($1::bigint[])"
REFILL = "UPDATE outbox_marks SET refilling = true"
REACHED = """
    INSERT INTO outbox_marks (topic, partition, next_offset)
    SELECT * FROM unnest($1::varchar[], $2::int[], $3::bigint[])
    ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset
"""


class BrokerLostMemory(Exception):
    """The broker holds less than it once acknowledged."""


class ProducerSpent(Exception):
    """An idempotent producer failed to send: its numbering has a hole now, or it tries for ever. Another one is taken."""


class Relay:
    """`run()` works until cancelled. `topics` are this service's own, its dead-letter topic among them."""

    def __init__(
        self, service: str, database_url: str, bootstrap: str, topics: list[str], profile: BrokerProfile, sweep_seconds: float = 2
    ) -> None:
        self.service, self.bootstrap, self.topics, self.profile = service, bootstrap, topics, profile
        self.dsn = database_url.replace("+asyncpg", "")
        self.sweep_seconds = sweep_seconds
        self.leading = False
        self.written = asyncio.Event()
        self.reached: dict[tuple[str, int], int] = {}
        self.resting: dict[UUID, float] = {}

    async def run(self) -> None:
        """Leads or stands by, for ever."""
        await for_ever(self._lead, "relay", self.service)

    async def _lead(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(setattr, self, "leading", False)
            limits = dict.fromkeys(("idle_session_timeout", "transaction_timeout"), f"{LEASE_SECONDS}s")
            session = {"application_name": f"{self.service}-relay", **limits}
            database = await asyncpg.connect(self.dsn, timeout=10, command_timeout=ANSWER_SECONDS, server_settings=session)
            stack.push_async_callback(database.close, timeout=5)
            while not await database.fetchval(LOCK):
                await asyncio.sleep(1)
            await database.execute("SELECT outbox_months(3)")
            await ensure_topics(self.bootstrap, self.topics, self.profile)
            producer = await stack.enter_async_context(producing(self.bootstrap, self.profile))
            offsets = await stack.enter_async_context(looking(self.bootstrap))
            await self.check_memory(database, producer, offsets)
            await database.add_listener("outbox", lambda *_: self.written.set())
            self.leading = True
            await self._publish_for_ever(database, producer, offsets)

    async def _publish_for_ever(self, database: asyncpg.Connection, producer: AIOKafkaProducer, offsets: AIOKafkaConsumer) -> None:
        checked = time.monotonic()
        while True:
            self.written.clear()
            taken = await self.publish_round(database, producer)
            if time.monotonic() - checked > self.sweep_seconds:
                await self.check_memory(database, producer, offsets)
                checked = time.monotonic()
            if taken < ROUND:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.written.wait(), self.sweep_seconds)

    async def publish_round(self, database: asyncpg.Connection, producer: AIOKafkaProducer) -> int:
        """One round of at most `ROUND` rows; returns how many were taken up. BrokerLostMemory when an offset ran backwards."""
        now = time.monotonic()
        self.resting = {key: until for key, until in self.resting.items() if until > now}
        rows = await database.fetch(UNPUBLISHED, list(self.resting), ROUND)
        sent, reached = await self._send(producer, rows)
        lost = any(end <= self.reached.get(place, 0) for place, end in reached.items())
        async with database.transaction():  # an event that counts as published without its mark could be lost with the broker
            await database.execute(MARK, sent)
            if lost:
                await database.execute(REFILL)
            else:
                await self._remember(database, reached)
        if lost:
            raise BrokerLostMemory("an offset ran backwards")
        if len(sent) < len(rows) and self.profile.idempotent:
            raise ProducerSpent("not everything was taken")
        return len(rows)

    async def _send(self, producer: AIOKafkaProducer, rows: Iterable[asyncpg.Record]) -> tuple[list[int], dict[tuple[str, int], int]]:
        """Sends with at most one message of a key under way, so that a failure stops its key and no other.

        Returns the positions acknowledged by all replicas and, per partition, an end that the broker must not fall below: one
        past the first offset of the last wave, since the embedded broker tells a batch's first offset as its last.
        """
        sent: list[int] = []
        reached: dict[tuple[str, int], int] = {}
        for wave in waves(rows):
            ready = [row for row in wave if row["key"] not in self.resting]
            results = await asyncio.gather(*(self._send_one(producer, row) for row in ready), return_exceptions=True)
            first: dict[tuple[str, int], int] = {}
            for row, result in zip(ready, results, strict=True):
                if isinstance(result, BaseException):
                    if not isinstance(result, KafkaError | TimeoutError | OSError):
                        raise result
                    log.warning("send failed", service=self.service, type=row["type"], error=type(result).__name__)
                    self.resting[row["key"]] = time.monotonic() + 1
                else:
                    place, offset = result
                    sent.append(row["position"])
                    if offset >= 0:  # a repetition that the broker had taken long before is acknowledged without
                        first[place] = min(offset, first.get(place, offset))
            reached |= {place: offset + 1 for place, offset in first.items()}
        return sent, reached

    async def _send_one(self, producer: AIOKafkaProducer, row: asyncpg.Record, partition: int | None = None) -> tuple[tuple[str, int], int]:
        """Place and offset. `partition`: another than that of the key."""
        headers, key = headers_of(self.service, row), str(row["key"]).encode()
        async with asyncio.timeout(SEND_SECONDS):
            answer = await producer.send_and_wait(row["topic"], row["body"].encode(), key=key, partition=partition, headers=headers)
        return (answer.topic, answer.partition), answer.offset

    async def _remember(self, database: asyncpg.Connection, reached: dict[tuple[str, int], int]) -> None:
        if reached:
            topics, partitions = zip(*reached, strict=True)
            await database.execute(REACHED, topics, partitions, list(reached.values()))
            self.reached |= reached

    async def check_memory(self, database: asyncpg.Connection, producer: AIOKafkaProducer, offsets: AIOKafkaConsumer) -> None:
        """Compares the broker's ends with what it acknowledged; refills it when it holds less."""
        marks = await database.fetch("SELECT * FROM outbox_marks")
        self.reached = {(mark["topic"], mark["partition"]): mark["next_offset"] for mark in marks}
        if not marks:
            return
        known = {TopicPartition(*place) for place in self.reached}
        try:
            ends = await asyncio.wait_for(offsets.end_offsets(list(known)), 10)
        except (KafkaError, TimeoutError) as error:
            await ensure_topics(self.bootstrap, self.topics, self.profile)
            raise BrokerLostMemory("a topic is gone, or its leader") from error
        short = [place for place, reached in self.reached.items() if ends[TopicPartition(*place)] < reached]
        if await self._is_lost(database, producer, short) or any(mark["refilling"] for mark in marks):
            await self._refill(database, producer)

    async def _is_lost(self, database: asyncpg.Connection, producer: AIOKafkaProducer, short: list[tuple[str, int]]) -> bool:
        """Whether the partitions whose end is told as less than was acknowledged did lose something.

        Of several brokers, one that hung or was cut off believes that it still leads, and tells an old end. An acknowledgement comes
        from the true leader alone, so its offset decides: of the topic's oldest event, sent once more to the partition in doubt, since
        none of its key can come before it.
        """
        if self.profile.replication == 1:
            return bool(short)
        for topic, partition in short:
            oldest = await database.fetchrow(OLDEST, topic)
            place, offset = await self._send_one(producer, oldest, partition)
            if offset < self.reached[place]:
                return True
        return False

    async def _refill(self, database: asyncpg.Connection, producer: AIOKafkaProducer) -> None:
        """Publishes the whole log again, in order; the inboxes drop what they have had. Begun anew if it is interrupted."""
        log.warning("broker lost its memory: refilling", service=self.service)
        self.resting.clear()  # a key that rests since the broker went would interrupt the refill
        await database.execute(REFILL)
        # The embedded broker takes messages for a topic that it does not know and shows them to nobody until it does.
        await ensure_topics(self.bootstrap, self.topics, self.profile)
        ends: dict[tuple[str, int], int] = {}
        position, count = 0, 0
        while rows := await database.fetch(PUBLISHED, position, ROUND):
            sent, reached = await self._send(producer, rows)
            if len(sent) < len(rows):
                raise BrokerLostMemory("refill was interrupted")
            ends |= reached
            position, count = rows[-1]["position"], count + len(rows)
        async with database.transaction():
            await database.execute("DELETE FROM outbox_marks")
            await self._remember(database, ends)
        log.info("broker refilled", service=self.service, events=count)
        self.reached = ends


def waves(rows: Iterable[asyncpg.Record]) -> list[list[asyncpg.Record]]:
    """Rows in groups that hold each key at most once, each key's rows in order over the groups."""
    groups: list[list[asyncpg.Record]] = []
    depth: dict[UUID, int] = {}
    for row in rows:
        level = depth.get(row["key"], 0)
        depth[row["key"]] = level + 1
        if level == len(groups):
            groups.append([])
        groups[level].append(row)
    return groups
