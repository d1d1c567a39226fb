"""A service's worker process: the subscriber, the relay, the sweep of parked events, and a health address."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.contracts import ALL
from shared.database.engine import sessions_of
from shared.kernel.clock import ProgrammeClock
from shared.messaging.broker import ensure_topics
from shared.messaging.dead_letters import dead_letter_topic
from shared.messaging.envelope import Delivery
from shared.messaging.for_ever import for_ever
from shared.messaging.inbox import Handlers, Inbox
from shared.messaging.memory import group_of, memory_of
from shared.messaging.profile import BrokerProfile
from shared.messaging.relay import Relay
from shared.web.health import run_beside_health

Job = Callable[[], Coroutine[Any, Any, None]]
"""Runs until cancelled, beside the subscriber (payments watches its incoming folder so); begun anew should it break."""


log = structlog.get_logger()

LOOK_SECONDS = SWEEP_SECONDS = 5
LEFT_OUT_LOOKS = 12
"""So many looks in a row a broker that answers may leave a member of a group without its share. Every group has settled long before."""
ALL_TOPICS = sorted({contract.topic for contract in ALL})


def own_topics(service: str) -> list[str]:
    """The topics that a service publishes to, with its dead-letter topic."""
    return sorted({contract.topic for contract in ALL if contract.topic.startswith(f"{service}.")} | {dead_letter_topic(service)})


class Share(ConsumerRebalanceListener):  # type: ignore[misc]
    """Whether the group has given this member its share of the partitions; none at all is one too."""

    given = False

    def on_partitions_revoked(self, _: set[TopicPartition]) -> None:
        self.given = False

    def on_partitions_assigned(self, _: set[TopicPartition]) -> None:
        self.given = True


def subscribe(broker: KafkaBroker, group: str, share: Share, inbox: Inbox, profile: BrokerProfile) -> None:
    """One consumer group over all topics that the inbox reacts to; acknowledged after the batch has taken effect."""
    topics = sorted({contract.topic for contract, _ in inbox.handlers.values()})

    @broker.subscriber(
        *topics,
        batch=True,
        group_id=group,
        listener=share,
        max_records=200,
        batch_timeout_ms=10,
        fetch_max_wait_ms=profile.fetch_wait_ms,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
    )
    async def receive(message: KafkaMessage) -> None:
        records: Sequence[Any] = message.raw_message
        await inbox.take([delivery_of(record) for record in records])


def delivery_of(record: Any) -> Delivery:
    """Header bytes that are no UTF-8 are kept readable: such a message goes to the dead letters, not the process to its end."""
    headers = {name: value.decode("utf-8", "backslashreplace") for name, value in record.headers}
    return Delivery(record.topic, headers, record.value or b"")


class Worker:
    """`run(host, port)` works until SIGTERM and then ends the engine too; `started()` is the same without the health address, for tests."""

    def __init__(
        self,
        service: str,
        engine: AsyncEngine,
        database_url: str,
        bootstrap: str,
        profile: BrokerProfile,
        clock: ProgrammeClock,
        handlers: Handlers,
        jobs: Sequence[Job] = (),
    ) -> None:
        self.service, self.engine, self.bootstrap, self.profile, self.jobs = service, engine, bootstrap, profile, jobs
        self.inbox = Inbox(service, sessions_of(engine), clock, handlers)
        self.relay = Relay(service, database_url, bootstrap, own_topics(service), profile)
        self.group_number = 1

    @contextlib.asynccontextmanager
    async def started(self) -> AsyncIterator[None]:
        """Relay, sweep and jobs run beside the subscriber; the topics exist before anybody joins a group."""
        await ensure_topics(self.bootstrap, ALL_TOPICS, self.profile)
        receiving = [self._receive] if self.inbox.handlers else []
        jobs = [for_ever(job, job.__qualname__, self.service) for job in (self._sweep, *receiving, *self.jobs)]
        tasks = [asyncio.create_task(job) for job in (self.relay.run(), *jobs)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self) -> None:
        """Until the broker has lost its memory, and a position in the old one means nothing, or until the group leaves us out: the embedded
        broker waits for ever for a leader that has left. The new memory, or the next group, is read from its beginning."""
        memory = await memory_of(self.bootstrap, self.profile)
        await ensure_topics(self.bootstrap, ALL_TOPICS, self.profile)
        group, share, left_out = group_of(self.service, memory, self.group_number), Share(), 0
        async with self._subscribed(group, share) as start:
            while left_out < LEFT_OUT_LOOKS:
                with contextlib.suppress(KafkaError, OSError):  # a broker that does not answer may have its memory, and no time for groups
                    if await memory_of(self.bootstrap, self.profile) != memory:
                        log.warning("broker has another memory: read from its beginning", service=self.service)
                        return
                    left_out = 0 if share.given else left_out + 1
                if start.done():
                    start.result()
                await asyncio.sleep(LOOK_SECONDS)
        log.warning("left out by the consumer group: the next one is read from its beginning", service=self.service, group=group)
        self.group_number += 1

    @contextlib.asynccontextmanager
    async def _subscribed(self, group: str, share: Share) -> AsyncIterator[asyncio.Task[None]]:
        """Yields the start, which may fail, and is not over before the group has given the first share."""
        broker = KafkaBroker(
            self.bootstrap.split(","),
            log_level=logging.DEBUG,
            logger=None,
            enable_idempotence=self.profile.idempotent,
            allow_auto_create_topics=False,  # it would make them with one partition and one replica
            metadata_max_age_ms=2_000,  # topics that a broker lost and a relay made again are seen soon
            request_timeout_ms=15_000,  # a broker that hangs is left after that; a join of the group waits up to a session, 10 s
        )
        subscribe(broker, group, share, self.inbox, self.profile)
        start = asyncio.create_task(broker.start())
        try:
            yield start
        finally:
            start.cancel()
            await asyncio.gather(start, return_exceptions=True)
            await broker.stop()

    async def _sweep(self) -> None:
        await asyncio.sleep(SWEEP_SECONDS)
        await self.inbox.retry_parked()

    async def run(self, host: str, port: int) -> None:
        """Well while the database answers; the broker is waited for by relay and subscriber themselves."""
        await run_beside_health(self.started(), self.engine, host, port)
