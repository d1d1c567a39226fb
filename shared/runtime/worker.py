"""The worker process of a service: subscriber, relay, retry of parked events, hash chains, expiry of idempotency keys, health address."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.contracts import TOPICS
from shared.database.engine import sessions_of
from shared.kernel.clock import ProgrammeClock
from shared.messaging.broker import ensure_topics, security_of
from shared.messaging.chain import EVENT_LOG, Chain, ChainJob
from shared.messaging.copies import report_copies
from shared.messaging.dead_letters import dead_letter_topic
from shared.messaging.envelope import Delivery
from shared.messaging.inbox import LARGEST_BATCH, Handlers, Inbox
from shared.messaging.incarnation import consumer_group, incarnation_of
from shared.messaging.measurements import MeasuredMessages
from shared.messaging.profile import BrokerProfile
from shared.messaging.relay import Relay
from shared.messaging.restart_forever import restart_forever
from shared.messaging.unreadable import skip_unreadable_records
from shared.policy.resolver import PolicyBook
from shared.privacy.erasures import ErasureList
from shared.privacy.sealed import seal_again
from shared.runtime.health import run_beside_health
from shared.runtime.settings import ServiceSettings
from shared.runtime.telemetry import begin_telemetry
from shared.telemetry.collector import Source
from shared.telemetry.logs import log_as_json
from shared.web.idempotency import KeyExpiry

Job = Callable[[], Coroutine[Any, Any, None]]
"""A background task beside the subscriber, restarted when it fails; one job of payments watches the incoming folder."""

log = structlog.get_logger()

CHECK_SECONDS = SWEEP_SECONDS = 5
LONGEST_BATCH_SECONDS = 3600
"""How long a batch may be worked on before its consumer has to leave the group, and another one gets the batch: longer than events take
that are too slow and become dead letters. A consumer that has died is missed sooner, by its heartbeat."""
CHECKS_WITHOUT_ASSIGNMENT = 12
"""After this many consecutive checks without assigned partitions the worker joins a new consumer group. A healthy group
assigns its partitions much sooner."""


def own_topics(service: str) -> list[str]:
    """The topics that a service publishes to, with its dead-letter topic."""
    return sorted({topic for topic in TOPICS if topic.startswith(f"{service}.")} | {dead_letter_topic(service)})


class Assignment(ConsumerRebalanceListener):  # type: ignore[misc]
    """Whether this member has an assignment from its consumer group. An empty assignment counts too."""

    assigned = False

    def on_partitions_revoked(self, _: set[TopicPartition]) -> None:
        self.assigned = False

    def on_partitions_assigned(self, _: set[TopicPartition]) -> None:
        self.assigned = True


def subscribe(broker: KafkaBroker, group: str, assignment: Assignment, inbox: Inbox, profile: BrokerProfile) -> None:
    """One consumer group for all topics that the inbox handles. A batch is acknowledged after it has taken effect."""
    topics = sorted({contract.topic for contract, _ in inbox.handlers.values()})
    skip_unreadable_records()

    async def receive(message: KafkaMessage) -> None:
        records: Sequence[Any] = message.raw_message
        await inbox.take([delivery_of(record) for record in records])

    subscriber = broker.subscriber(
        *topics,
        batch=True,
        group_id=group,
        listener=assignment,
        fetch_max_wait_ms=profile.fetch_wait_ms,
        max_poll_interval_ms=LONGEST_BATCH_SECONDS * 1000,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        parser=_unparsed,
        decoder=_undecoded,
    )
    subscriber.get_msg = _next_records  # type: ignore[method-assign]
    subscriber(receive)


async def _next_records(consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord[bytes, bytes], ...]:
    """FastStream's own wakes a hundred times a second: after a wait in vain it sleeps as long again, messages or not, so its wait
    has to be short."""
    found = await consumer.getmany(timeout_ms=1000, max_records=LARGEST_BATCH)
    return tuple(record for records in found.values() for record in records)


async def _unparsed(records: Sequence[ConsumerRecord[bytes, bytes]], parse: Callable[..., Awaitable[KafkaMessage]]) -> KafkaMessage:
    """The batch as it is. FastStream's parser raises for a header that is not UTF-8, and would drop the whole batch with it."""
    message = await parse([replace(record, headers=(), value=b"") for record in (records[0], records[-1])])  # which it is named by
    message.raw_message = records
    return message


async def _undecoded(message: KafkaMessage) -> Any:
    """FastStream's decoder raises for a body that is not JSON, which drops the whole batch too. The inbox reads bodies itself."""
    return message.body


NUL = "\\x00"


def delivery_of(record: Any) -> Delivery:
    """The record as a delivery. A header without value, with bytes that are not UTF-8 or with a NUL, which the database cannot store,
    stays readable, so the message becomes a dead letter and not a crash."""
    try:
        headers = {name: value.decode() for name, value in record.headers}
    except (UnicodeDecodeError, AttributeError):
        headers = {name: (value or b"").decode("utf-8", "backslashreplace") for name, value in record.headers}
    if "\0" in "".join(headers) or "\0" in "".join(headers.values()):
        headers = {name.replace("\0", NUL): text.replace("\0", NUL) for name, text in headers.items()}
    return Delivery(record.topic, record.key or b"", headers, record.value or b"")


class Worker:
    """`run()` works until SIGTERM and then closes the engine too; `started()` is the same without the health address, for tests."""

    def __init__(
        self,
        service: str,
        settings: ServiceSettings,
        engine: AsyncEngine,
        policies: PolicyBook,
        handlers: Handlers,
        jobs: Sequence[Job] = (),
        chains: Sequence[Chain] = (),
        measured: Sequence[Source] = (),
    ) -> None:
        """`chains`: those of the service beside the one over its event log; `measured`: what is measured beside its messages."""
        self.service, self.settings, self.engine = service, settings, engine
        chain_job = ChainJob(service, engine, settings.clock(), settings.anchors, [EVENT_LOG, *chains])
        self.jobs = (chain_job.run, KeyExpiry(sessions_of(engine), ProgrammeClock()).run, *jobs)
        self.bootstrap, self.profile = settings.kafka, settings.broker_profile
        self.sessions = sessions_of(engine, settings.sealer)
        self.erasures = ErasureList(service, self.sessions, settings.anchors, settings.clock().now)
        self.inbox = Inbox(service, settings.public_keys, self.sessions, settings.clock(), policies, handlers)
        self.jobs = (*self.jobs, self.inbox.files.run)
        self.relay = Relay(
            settings.signer(service), settings.sealer, settings.database_url, self.bootstrap, own_topics(service), self.profile
        )
        self.group_number = 1
        self.broker: KafkaBroker | None = None
        messages = MeasuredMessages(self.sessions, self.consumer)
        self.measured: Sequence[Source] = [messages.tables, *([messages.lag] if handlers else []), *measured]

    def consumer(self) -> AIOKafkaConsumer | None:
        """That of the present consumer group; None while there is none."""
        [subscriber] = self.broker.subscribers if self.broker else [None]
        return getattr(subscriber, "consumer", None)

    @contextlib.asynccontextmanager
    async def started(self) -> AsyncIterator[None]:
        """Relay, retries and jobs run beside the subscriber; the topics exist before a consumer joins a group."""
        await ensure_topics(self.bootstrap, TOPICS, self.profile)
        with contextlib.suppress(KafkaError, OSError):  # a broker that does not answer is waited for below
            await report_copies(self.bootstrap, TOPICS, self.profile)
        receiving = [self._receive] if self.inbox.handlers else []
        jobs = [restart_forever(job, job.__qualname__, self.service) for job in (self._sweep, *receiving, *self.jobs)]
        tasks = [asyncio.create_task(job) for job in (self.relay.run(), *jobs)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self) -> None:
        """Consumes until the broker has lost its data, or until the group has not assigned us anything for too long.

        After data loss our offsets mean nothing. In a group, the embedded broker can wait without limit for a leader that has left.
        The next run starts at the earliest offset, of the new data or in a new group.
        """
        incarnation = await incarnation_of(self.bootstrap, self.profile)
        await ensure_topics(self.bootstrap, TOPICS, self.profile)
        group, assignment, unassigned = consumer_group(self.service, incarnation, self.group_number), Assignment(), 0
        async with self._subscribed(group, assignment) as start:
            while unassigned < CHECKS_WITHOUT_ASSIGNMENT:
                with contextlib.suppress(KafkaError, OSError):  # a broker that does not answer proves nothing about its data or the group
                    if await incarnation_of(self.bootstrap, self.profile) != incarnation:
                        log.warning("broker incarnation changed: offsets reset to earliest", service=self.service)
                        return
                    unassigned = 0 if assignment.assigned else unassigned + 1
                if start.done():
                    start.result()
                await asyncio.sleep(CHECK_SECONDS)
        log.warning("no partitions assigned: joining a new consumer group from the earliest offset", service=self.service, group=group)
        self.group_number += 1

    @contextlib.asynccontextmanager
    async def _subscribed(self, group: str, assignment: Assignment) -> AsyncIterator[asyncio.Task[None]]:
        """Yields the task that starts the subscription. The task may fail; it ends when the first assignment has come."""
        broker = KafkaBroker(
            self.bootstrap.split(","),
            security=security_of(self.profile),
            log_level=logging.DEBUG,
            logger=None,
            enable_idempotence=self.profile.idempotent,
            allow_auto_create_topics=False,  # the broker would create them with one partition and one replica
            metadata_max_age_ms=2_000,  # topics that a broker lost and a relay created again are seen soon
            request_timeout_ms=15_000,  # longer than the join of a group takes, which is up to a session time-out of 10 s
        )
        subscribe(broker, group, assignment, self.inbox, self.profile)
        start = asyncio.create_task(broker.start())
        self.broker = broker
        try:
            yield start
        finally:
            self.broker = None
            start.cancel()
            await asyncio.gather(start, return_exceptions=True)
            await broker.stop()

    async def _sweep(self) -> None:
        await asyncio.sleep(SWEEP_SECONDS)
        await self.inbox.retry_parked()
        await self.erasures.write()

    async def run(self) -> None:
        """Until SIGTERM. Healthy while the database answers: relay and subscriber wait for the broker by themselves."""
        log_as_json()
        begin_telemetry(f"{self.service}-worker", self.settings)
        async with self.sessions.begin() as session:
            await seal_again(session, self.service)
        await self.erasures.repeat()
        where = self.settings.host, self.settings.port
        await run_beside_health(self.started(), self.engine, *where, measured=self.measured)
