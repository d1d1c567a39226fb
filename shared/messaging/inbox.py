"""The inbox: each event takes effect once, in the transaction that records its id.

A batch of messages is one transaction. When the transaction fails, the messages are handled one by one, so that one bad message
does not delay the others:

* the event before it has not arrived (`NotYet`): parked until an event about the awaited id arrives;
* retryable: tried again a bounded number of times, with backoff;
* a component is down: tried again without limit;
* a limit of time has ended the transaction, and the database answers: tried again `SLOW_ATTEMPTS` times, then a dead letter;
* anything else: a dead letter.

An event takes effect only if the owner of its topic has signed it (`signature.py`). That is checked in the same place for all: new
messages, parked events and requeued dead letters.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, String, any_, cast, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from shared.database.base import table_of
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.kernel.errors import NotFound, NotYet
from shared.messaging.acts import ActRow, act_of
from shared.messaging.context import Context
from shared.messaging.dead_letters import letter_id, store_dead_letter
from shared.messaging.envelope import TRACEPARENT, Delivery
from shared.messaging.event import Event
from shared.messaging.failures import TooSlow, describe, ended_by_limit, is_outage, is_retryable
from shared.messaging.outside import Outside
from shared.messaging.scheme_files import UNKNOWN, SchemeFiles
from shared.messaging.signature import EventRefused, PublicKeys
from shared.messaging.tables import ParkedRow
from shared.policy.resolver import PolicyBook
from shared.telemetry import tracing

Handler = Callable[[Context, Any], Awaitable[object]]
Handlers = Mapping[type[Event], Handler]

log = structlog.get_logger()
RECORD_IDS = text("INSERT INTO inbox (event_id) SELECT unnest(CAST(:ids AS uuid[])) ON CONFLICT DO NOTHING RETURNING event_id")
"""One statement per batch; returns the ids that are new. `ids` are sorted, so that two consumers lock them in the same order."""
RECORD_ACTS = insert(table_of(ActRow)).on_conflict_do_nothing()
"""An act of our own event was recorded with it."""
LONGEST_PAUSE_SECONDS = 5
SLOW_ATTEMPTS = 3
"""Each may last as long as a transaction may, and the rest of the partition waits meanwhile."""
PAGE = 500
LARGEST_BATCH, FIRST_BATCH, SMALLEST_BATCH = 500, 200, 20
SHORT_SECONDS, LONG_SECONDS = 0.2, 0.5
"""Of a transaction, which others may wait for: a batch that took longer than the second is halved for the next time, one that took less
than the first is doubled."""


def next_room(room: int, taken: int, seconds: float) -> int:
    """How many events the next transaction may have, after `taken` events in so many seconds. A batch that was not full proves no room."""
    if seconds > LONG_SECONDS:
        return max(SMALLEST_BATCH, min(room, taken) // 2)
    return min(LARGEST_BATCH, room * 2) if seconds < SHORT_SECONDS and taken == room else room


@contextmanager
def _watched(delivery: Delivery, event: Event) -> Iterator[None]:
    """The handling of an event as a span of the trace in which it was written; lines of the log have its id and its case."""
    case, name = str(event.correlation_id), type(event).__name__
    attributes = {"triptych.event": delivery.headers["ce_id"], "triptych.case": case, "messaging.destination.name": delivery.topic}
    with (
        structlog.contextvars.bound_contextvars(case=case, event_id=delivery.headers["ce_id"]),
        tracing.span(f"process {name}", tracing.Kind.CONSUMER, parent=delivery.headers.get(TRACEPARENT), attributes=attributes),
    ):
        yield


class Inbox:
    """Passes each event to its one handler. Event types without a handler are ignored."""

    def __init__(
        self,
        service: str,
        keys: PublicKeys,
        sessions: Sessions,
        clock: ProgrammeClock,
        policies: PolicyBook,
        handlers: Handlers,
        *,
        attempts: int = 8,
        pause: float = 0.05,
    ) -> None:
        self.service, self.keys, self.sessions, self.clock, self.policies = service, keys, sessions, clock, policies
        self.files = SchemeFiles(service, sessions, policies)
        self.handlers = {type_: (event, handler) for event, handler in handlers.items() for type_ in (event.type, *event.renamed)}
        self.attempts, self.pause, self.room = attempts, pause, FIRST_BATCH

    async def take(self, batch: Sequence[Delivery]) -> None:
        """Returns when every event of the batch has taken effect, is parked or is a dead letter. No event makes it raise."""
        handled = [delivery for delivery in batch if delivery.type in self.handlers]
        taken: list[Delivery] = []
        while handled:
            part, handled = handled[: self.room], handled[self.room :]
            taken += await self._take_together(part)
        if taken:
            await self.retry_parked(set().union(*(delivery.unlocks for delivery in taken)))

    async def _take_together(self, batch: Sequence[Delivery]) -> Sequence[Delivery]:
        """In one transaction, or else one by one. Returns those that took effect."""
        begun = time.monotonic()
        try:
            async with self.sessions.begin() as session:
                await self._apply(session, batch)
        except Exception:  # raised again below, by the message that caused it
            return [delivery for delivery in batch if await self._take_one(delivery)]
        self.room = next_room(self.room, len(batch), time.monotonic() - begun)
        return batch

    async def retry_parked(self, awaited: set[str] | None = None) -> None:
        """Tries parked events again, oldest first: those that wait for one of `awaited`, or all. Repeats while that unlocks more."""
        while awaited is None or awaited:
            unlocked = [delivery async for row in self._parked(awaited) if (delivery := await self._retry_one(row))]
            if awaited is None:
                return
            awaited = set().union(*(delivery.unlocks for delivery in unlocked))

    async def _parked(self, awaited: set[str] | None) -> AsyncIterator[ParkedRow]:
        """Page by page, so that events that stay parked do not keep later ones from their turn."""
        last = 0
        while True:
            query = select(ParkedRow).where(col(ParkedRow.position) > last).order_by(col(ParkedRow.position)).limit(PAGE)
            if awaited is not None:
                query = query.where(col(ParkedRow.awaits) == any_(cast(list(awaited), ARRAY(String))))  # one statement for any number
            async with self.sessions() as session:
                rows = list((await session.scalars(query)).all())
            for row in rows:
                yield row
            if not rows:
                return
            last = rows[-1].position or 0

    async def _retry_one(self, row: ParkedRow) -> Delivery | None:
        delivery = Delivery(row.topic, row.key, row.headers, row.body)
        return delivery if await self._take_one(delivery, row.event_id) else None

    async def _take_one(self, delivery: Delivery, parked_as: UUID | None = None) -> bool:
        """True when the event took effect, now or earlier; False when it is parked or a dead letter.

        `parked_as` is the id of its parked row: not the event's, if it was requeued after a refusal.
        """
        attempt = slow = 0
        while True:
            attempt, begun = attempt + 1, time.monotonic()
            try:
                async with self.sessions.begin() as session:
                    await self._apply(session, [delivery])
                    await session.execute(delete(ParkedRow).where(col(ParkedRow.event_id).in_({delivery.id, parked_as or delivery.id})))
                return True
            except NotYet as early:
                await self._park(delivery, early, parked_as)
                return False
            except NotFound as unknown:
                if unknown.code not in UNKNOWN:
                    await self._give_up(delivery, unknown, attempt)
                    return False
                if not await self.files.refresh():  # published, and not arrived here
                    await self._park(delivery, NotYet(unknown.code, unknown.detail), parked_as)
                    return False
            except Exception as error:
                slow += ended_by_limit(error, time.monotonic() - begun) and await self._database_answers()
                if slow == SLOW_ATTEMPTS:
                    await self._give_up(delivery, TooSlow(f"the transaction did not end in time: {describe(error)}"), attempt)
                    return False
                if not is_retryable(error) or (attempt >= self.attempts and not is_outage(error)):
                    await self._give_up(delivery, error, attempt)
                    return False
                log.warning("event will be retried", type=delivery.type, attempt=attempt, error=type(error).__name__)
                await asyncio.sleep(min(self.pause * 2 ** min(attempt, 10), LONGEST_PAUSE_SECONDS))

    async def _database_answers(self) -> bool:
        """Whether it does now, on a new connection if the old one was closed: then it was no outage."""
        try:
            async with self.sessions() as session:
                await session.execute(text("SELECT 1"))
        except Exception:
            return False
        return True

    async def _apply(self, session: AsyncSession, batch: Sequence[Delivery]) -> None:
        """Runs the handlers of the events that are new here, in order, in the transaction that records their ids, and their acts before
        them.

        A message whose id is known has no effect, so its signature is not checked: what a broker still holds from the time before a
        change of keys is dropped and does not become a dead letter when a new consumer group reads it again.
        """
        ids = [delivery.id for delivery in batch]
        new_ids = set(await session.scalars(RECORD_IDS, {"ids": sorted(set(ids))}))
        taken: list[tuple[Delivery, Event, Context, Handler]] = []
        acts, outside = list[dict[str, Any]](), Outside()
        for event_id, delivery in zip(ids, batch, strict=True):
            if event_id not in new_ids:
                continue
            new_ids.remove(event_id)  # the same event may be in the batch twice
            contract, handle = self.handlers[delivery.type]
            self.keys.check(delivery.topic, delivery.key, delivery.headers, delivery.body, contract.topic)
            context, event = self._context(session, event_id, delivery, outside), contract.read(delivery.body, delivery.type)
            if act := act_of(event, event_id, delivery.headers["ce_actor"], context.happened_at):
                acts.append(act)
            taken.append((delivery, event, context, handle))
        if acts:
            await session.execute(RECORD_ACTS, acts)
        for delivery, event, context, handle in taken:
            with _watched(delivery, event):
                await handle(context, event)
                if session.new or session.dirty or session.deleted:
                    await session.flush()
        await outside.run()

    def _context(self, session: AsyncSession, event_id: UUID, delivery: Delivery, outside: Outside | None = None) -> Context:
        happened_at, actor = datetime.fromisoformat(delivery.headers["ce_time"]), delivery.headers.get("ce_actor")
        return Context(session, SYSTEM, self.policies, self.clock.now, event_id, happened_at, actor, outside)

    async def _park(self, delivery: Delivery, early: NotYet, parked_as: UUID | None) -> None:
        row = {
            "event_id": delivery.id,
            "awaits": early.awaits,
            "detail": str(early),
            "headers": delivery.headers,
            "topic": delivery.topic,
            "key": delivery.key,
            "body": delivery.body,
        }
        async with self.sessions.begin() as session:
            if parked_as not in (None, delivery.id):
                await session.execute(delete(ParkedRow).where(col(ParkedRow.event_id) == parked_as))
            await session.execute(insert(ParkedRow).values(row).on_conflict_do_update(index_elements=["event_id"], set_=row))

    async def _give_up(self, delivery: Delivery, error: Exception, attempts: int) -> None:
        """Stores a dead letter. Alarms watch the log for "event refused", whose codes are those of `EventRefused`."""
        if isinstance(error, EventRefused):
            letter = str(letter_id(delivery, error))
            log.error("event refused", service=self.service, topic=delivery.topic, type=delivery.type, code=error.code, letter=letter)
        log.error("dead letter", service=self.service, type=delivery.type, error=type(error).__name__, attempts=attempts)
        async with self.sessions.begin() as session:
            await store_dead_letter(session, self.service, delivery, error, attempts, self.clock.now())
