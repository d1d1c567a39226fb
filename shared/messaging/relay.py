"""The relay: signs the outbox's events and publishes them, in order per key.

It republishes everything when the broker lost data, and when it signs with another key than before: a consumer that was offline does
not need the old public key then.

One relay per service is the leader (it holds an advisory lock on a connection of its own); the others stand by. The leader wakes
on NOTIFY and also polls, so that a crash leaves nothing unpublished. An event may be sent twice; none is skipped.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from shared.database.sealing import Sealer
from shared.messaging.broker import ensure_topics, offset_reader, open_producer
from shared.messaging.envelope import arguments_of, messages_of
from shared.messaging.mac import is_genuine
from shared.messaging.profile import BrokerProfile
from shared.messaging.restart_forever import restart_forever
from shared.messaging.sending import SEND_TIMEOUT_SECONDS, Partition, Sent, send_in_order
from shared.messaging.signature import Message, Signer
from shared.telemetry import tracing

log = structlog.get_logger()

BATCH_SIZE = 500
STATEMENT_TIMEOUT_SECONDS = 20
LEASE_SECONDS = 30
"""How long the leader's connection may be idle. A connection that is half open on either side must end: its advisory lock would keep
every other relay from leading. `idle_session_timeout` does not apply inside a transaction, so `transaction_timeout` is set too."""
BACKOFF_SECONDS = 1
LEASE = "hashtext('triptych outbox relay')"
LOCK = f"SELECT pg_try_advisory_lock({LEASE})"
UNPUBLISHED = """
    SELECT * FROM outbox WHERE published_at IS NULL AND NOT (key = ANY($1::uuid[])) AND NOT (position = ANY($2::bigint[]))
    ORDER BY position LIMIT $3
"""
OLDEST = """
    SELECT * FROM outbox WHERE published_at IS NOT NULL AND topic = $1 AND NOT (position = ANY($2::bigint[])) ORDER BY position LIMIT 1
"""
PUBLISHED = "SELECT * FROM outbox WHERE published_at IS NOT NULL AND position > $1 ORDER BY position LIMIT $2"
MARK_PUBLISHED = "UPDATE outbox SET published_at = now() WHERE published_at IS NULL AND position = ANY($1::bigint[])"
START_REPUBLISHING = "UPDATE outbox_checkpoints SET republishing = true"
SAVE_CHECKPOINTS = """
    INSERT INTO outbox_checkpoints (topic, partition, next_offset, key_id)
    SELECT *, $4 FROM unnest($1::varchar[], $2::int[], $3::bigint[])
    ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset, key_id = excluded.key_id
"""


class BrokerDataLoss(Exception):
    """The broker holds less than it once acknowledged."""


class ProducerUnusable(Exception):
    """An idempotent producer failed to send: its sequence now has a gap, or it retries without limit. A new producer is needed."""


class Relay:
    """`run()` works until cancelled. `topics` are this service's own, including its dead-letter topic. A row that no process of the
    service wrote (`mac.py`) is left out whenever it is read, and is an error line."""

    def __init__(
        self,
        signer: Signer,
        sealer: Sealer,
        database_url: str,
        bootstrap: str,
        topics: list[str],
        profile: BrokerProfile,
        sweep_seconds: float = 2,
    ) -> None:
        self.signer, self.sealer, self.service = signer, sealer, signer.service
        self.bootstrap, self.topics, self.profile = bootstrap, topics, profile
        self.dsn = database_url.replace("+asyncpg", "")
        self.sweep_seconds = sweep_seconds
        self.leading = False
        self.notified = asyncio.Event()
        self.checkpoints: dict[Partition, int] = {}
        self.backoff_until: dict[UUID, float] = {}
        self.refused: set[int] = set()

    async def run(self) -> None:
        """Leads or stands by until it is cancelled."""
        await restart_forever(self._lead, "relay", self.service)

    async def _lead(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(setattr, self, "leading", False)
            limits = dict.fromkeys(("idle_session_timeout", "transaction_timeout"), f"{LEASE_SECONDS}s")
            session = {"application_name": f"{self.service}-relay", **limits}
            database = await asyncpg.connect(self.dsn, timeout=10, command_timeout=STATEMENT_TIMEOUT_SECONDS, server_settings=session)
            stack.push_async_callback(database.close, timeout=5)
            while not await database.fetchval(LOCK):
                await asyncio.sleep(1)
            await database.execute("SELECT outbox_months(3)")
            await ensure_topics(self.bootstrap, self.topics, self.profile)
            producer = await stack.enter_async_context(open_producer(self.bootstrap, self.profile))
            offsets = await stack.enter_async_context(offset_reader(self.bootstrap, self.profile))
            await self.check_data_loss(database, producer, offsets)
            await database.add_listener("outbox", lambda *_: self.notified.set())
            self.leading = True
            await self._publish_until_cancelled(database, producer, offsets)

    async def _publish_until_cancelled(self, database: asyncpg.Connection, producer: AIOKafkaProducer, offsets: AIOKafkaConsumer) -> None:
        checked = time.monotonic()
        while True:
            self.notified.clear()
            taken = await self.publish_batch(database, producer)
            if time.monotonic() - checked > self.sweep_seconds:
                await self.check_data_loss(database, producer, offsets)
                checked = time.monotonic()
            if taken < BATCH_SIZE:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.notified.wait(), self.sweep_seconds)

    async def publish_batch(self, database: asyncpg.Connection, producer: AIOKafkaProducer) -> int:
        """Publishes at most `BATCH_SIZE` rows; returns how many were read. BrokerDataLoss when an offset went backwards."""
        now = time.monotonic()
        self.backoff_until = {key: until for key, until in self.backoff_until.items() if until > now}
        rows = await database.fetch(UNPUBLISHED, list(self.backoff_until), list(self.refused), BATCH_SIZE)
        genuine = self._genuine(rows)
        sent = await self._send(producer, genuine)
        lost = any(end <= self.checkpoints.get(partition, 0) for partition, end in sent.ends.items())
        async with database.transaction():  # an event marked as published without its checkpoint could be lost with the broker
            await database.execute(MARK_PUBLISHED, sent.positions)
            if lost:
                await database.execute(START_REPUBLISHING)
            else:
                await self._save_checkpoints(database, sent.ends)
        _trace(genuine, sent.positions)
        if lost:
            raise BrokerDataLoss("an offset went backwards")
        if len(sent.positions) < len(genuine) and self.profile.idempotent:
            raise ProducerUnusable("not every message was acknowledged")
        return len(rows)

    def _genuine(self, rows: Sequence[asyncpg.Record]) -> list[asyncpg.Record]:
        """Without rows that no process of this service wrote: who has its database's password does not publish in its name."""
        genuine = []
        for row in rows:
            if is_genuine(self.sealer, row):
                genuine.append(row)
            elif row["position"] not in self.refused:
                self.refused.add(row["position"])
                facts = {"service": self.service, "id": str(row["event_id"]), "type": row["type"], "position": row["position"]}
                log.error("event refused", code="wrong-mac", **facts)
        return genuine

    async def _send(self, producer: AIOKafkaProducer, rows: Sequence[asyncpg.Record]) -> Sent:
        """Signs the rows as one batch and sends those whose key is not in backoff. A failure delays the keys that the broker was given
        together with it."""
        messages = zip(rows, messages_of(self.signer, rows), strict=True)
        ready = [(row["position"], row["key"], message) for row, message in messages if row["key"] not in self.backoff_until]
        sent = await send_in_order(producer, ready)
        self.backoff_until |= dict.fromkeys(sent.failed, time.monotonic() + BACKOFF_SECONDS)
        for error, keys in Counter(sent.failed.values()).items():
            log.warning("send failed", service=self.service, keys=keys, error=error)
        return sent

    async def _send_one(self, producer: AIOKafkaProducer, message: Message, partition: int) -> tuple[Partition, int]:
        """Returns partition and offset."""
        async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
            answer = await (await producer.send(**arguments_of(message), partition=partition))
        return (answer.topic, answer.partition), answer.offset

    async def _save_checkpoints(self, database: asyncpg.Connection, ends: dict[Partition, int]) -> None:
        if ends:
            topics, partitions = zip(*ends, strict=True)
            await database.execute(SAVE_CHECKPOINTS, topics, partitions, list(ends.values()), self.signer.key_id)
            self.checkpoints |= ends

    async def check_data_loss(self, database: asyncpg.Connection, producer: AIOKafkaProducer, offsets: AIOKafkaConsumer) -> None:
        """Compares the broker's end offsets and our key with the checkpoints; republishes everything when the broker holds less, or
        what another key has signed."""
        rows = await database.fetch("SELECT * FROM outbox_checkpoints")
        self.checkpoints = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        if not rows:
            return
        try:
            ends = await asyncio.wait_for(offsets.end_offsets([TopicPartition(*partition) for partition in self.checkpoints]), 10)
        except (KafkaError, TimeoutError) as error:
            await ensure_topics(self.bootstrap, self.topics, self.profile)
            raise BrokerDataLoss("a topic is gone, or its leader") from error
        short = [partition for partition, checkpoint in self.checkpoints.items() if ends[TopicPartition(*partition)] < checkpoint]
        outdated = any(row["republishing"] or row["key_id"] != self.signer.key_id for row in rows)
        if await self._is_lost(database, producer, short) or outdated:
            await self._republish(database, producer)

    async def _is_lost(self, database: asyncpg.Connection, producer: AIOKafkaProducer, short: list[Partition]) -> bool:
        """Decides whether partitions that report a lower end offset than their checkpoint really lost data.

        In a cluster a stale leader, which hung or was cut off, can report an old end offset. Only the true leader acknowledges, so
        a test send decides: the oldest event of the topic is sent once more, to the partition in doubt. No event of the same key
        comes before it, so the repetition is harmless.
        """
        if self.profile.replication == 1:
            return bool(short)
        for topic, number in short:
            oldest = await self._oldest(database, topic)
            if oldest is None:
                continue  # all that is published there was forged: nothing of ours is lost
            [message] = messages_of(self.signer, [oldest])
            partition, offset = await self._send_one(producer, message, number)
            if offset < self.checkpoints[partition]:
                return True
        return False

    async def _oldest(self, database: asyncpg.Connection, topic: str) -> asyncpg.Record | None:
        """The first published event of the topic that a process of this service wrote."""
        while rows := await database.fetch(OLDEST, topic, list(self.refused)):
            if self._genuine(rows):
                return rows[0]
        return None

    async def _republish(self, database: asyncpg.Connection, producer: AIOKafkaProducer) -> None:
        """Publishes the whole event log again, in order; inboxes drop the events that they know. Starts over after an interruption."""
        log.warning("republishing the event log", service=self.service)
        self.backoff_until.clear()  # a key in backoff since the broker went down would interrupt this
        await database.execute(START_REPUBLISHING)
        # The embedded broker accepts messages for an unknown topic, but delivers them to nobody until the topic exists.
        await ensure_topics(self.bootstrap, self.topics, self.profile)
        ends: dict[Partition, int] = {}
        position, count = 0, 0
        while rows := await database.fetch(PUBLISHED, position, BATCH_SIZE):
            genuine = self._genuine(rows)
            sent = await self._send(producer, genuine)
            if len(sent.positions) < len(genuine):
                raise BrokerDataLoss("republishing was interrupted")
            ends |= sent.ends
            position, count = rows[-1]["position"], count + len(genuine)
        async with database.transaction():
            await database.execute("DELETE FROM outbox_checkpoints")
            await self._save_checkpoints(database, ends)
        log.info("event log republished", service=self.service, events=count)
        self.checkpoints = ends


def _trace(rows: Sequence[asyncpg.Record], sent: Sequence[int]) -> None:
    """A span for each event that was published: from its transaction until the broker had it."""
    published = set(sent) if tracing.is_on() else ()
    for row in rows:
        if row["position"] in published and row["traceparent"]:
            begun = int(row["recorded_at"].timestamp() * 1e6) * 1_000
            attributes = {"triptych.case": str(row["correlation_id"]), "triptych.event": str(row["event_id"])}
            attributes |= {"messaging.destination.name": row["topic"], "messaging.system": "kafka"}
            name = f"publish {row['type'].split('.')[1]}"
            tracing.ended_span(name, begun, tracing.Kind.PRODUCER, parent=row["traceparent"], attributes=attributes)
