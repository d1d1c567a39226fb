"""The receiving side: each event takes effect once, in the transaction that records it.

A batch is one transaction. When it fails, its events are taken one by one, so that one bad message does not hold up the
rest: too early is parked, transient is tried again a bounded number of times, what a missing component causes is waited for,
and anything else is a dead letter.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from shared.database.engine import Sessions
from shared.kernel.clock import ProgrammeClock
from shared.kernel.errors import NotYet, Transient, Unavailable
from shared.messaging.cause import SYSTEM, Cause
from shared.messaging.dead_letters import bury
from shared.messaging.envelope import Delivery
from shared.messaging.event import Event
from shared.messaging.tables import ParkedRow

Handler = Callable[[AsyncSession, Any, Cause], Awaitable[object]]
Handlers = Mapping[type[Event], Handler]

log = structlog.get_logger()
CLAIM = text("INSERT INTO inbox (event_id) SELECT unnest(CAST(:ids AS uuid[])) ON CONFLICT DO NOTHING RETURNING event_id")
"""One statement a batch. The ids come sorted, so that two consumers of the same events wait for each other in one order."""
SERIALIZATION_FAILURES = {"40001", "40P01", "55P03"}
"""SQLSTATEs of a serialization failure, a deadlock and a lock timeout: tried again, a bounded number of times."""


class Inbox:
    """Gives each event to its one handler. A type that nobody here handles is passed over."""

    def __init__(
        self, service: str, sessions: Sessions, clock: ProgrammeClock, handlers: Handlers, *, attempts: int = 8, pause: float = 0.05
    ) -> None:
        self.service, self.sessions, self.clock = service, sessions, clock
        self.handlers = {event.type: (event, handler) for event, handler in handlers.items()}
        self.attempts, self.pause = attempts, pause

    async def take(self, batch: Sequence[Delivery]) -> None:
        """Returns when every event of the batch has taken effect, is parked or is a dead letter. Never raises for one of them."""
        mine = [delivery for delivery in batch if delivery.type in self.handlers]
        if not mine:
            return
        try:
            async with self.sessions.begin() as session:
                await self._apply(session, mine)
        except Exception:  # whatever it was, it is met again below, alone
            mine = [delivery for delivery in mine if await self._take_alone(delivery)]
        await self.retry_parked(set().union(*(delivery.concerns for delivery in mine)))

    async def retry_parked(self, awaited: set[str] | None = None) -> None:
        """Tries parked events again, oldest first: those waiting for one of `awaited`, or all. Goes on while that unlocks more."""
        while True:
            query = select(ParkedRow).order_by(col(ParkedRow.position)).limit(500)
            if awaited is not None:
                query = query.where(col(ParkedRow.awaits).in_(awaited))
            async with self.sessions() as session:
                rows = list((await session.scalars(query)).all())
            unlocked = [delivery for row in rows if (delivery := await self._retry_one(row))]
            if not unlocked or awaited is None:
                return
            awaited = set().union(*(delivery.concerns for delivery in unlocked))

    async def _retry_one(self, row: ParkedRow) -> Delivery | None:
        delivery = Delivery(row.topic, row.headers, row.body)
        return delivery if await self._take_alone(delivery) else None

    async def _take_alone(self, delivery: Delivery) -> bool:
        """True when it took effect, now or before."""
        attempt = 0
        while True:
            attempt += 1
            try:
                async with self.sessions.begin() as session:
                    await self._apply(session, [delivery])
                    await session.execute(delete(ParkedRow).where(col(ParkedRow.event_id) == delivery.id))
                return True
            except NotYet as early:
                await self._park(delivery, early)
                return False
            except Exception as error:
                if not is_passing(error) and not isinstance(error, Transient):
                    await self._bury(delivery, error, attempt)
                    return False
                if attempt >= self.attempts and not is_outage(error):
                    await self._bury(delivery, error, attempt)
                    return False
                log.warning("event will be tried again", type=delivery.type, attempt=attempt, error=type(error).__name__)
                await asyncio.sleep(min(self.pause * 2 ** min(attempt, 10), 5))

    async def _apply(self, session: AsyncSession, batch: Sequence[Delivery]) -> None:
        """The effects of those that were not here before, in their order, in the transaction that records them all."""
        claimed = set(await session.scalars(CLAIM, {"ids": sorted({delivery.id for delivery in batch})}))
        for delivery in batch:
            if delivery.id not in claimed:
                continue
            claimed.remove(delivery.id)  # the same event may stand in the batch twice
            contract, handle = self.handlers[delivery.type]
            await handle(session, contract.read(delivery.body), self._cause(delivery))
            await session.flush()

    def _cause(self, delivery: Delivery) -> Cause:
        headers = delivery.headers
        return Cause(SYSTEM, self.clock.now, delivery.id, datetime.fromisoformat(headers["ce_time"]), headers.get("ce_traceparent"))

    async def _park(self, delivery: Delivery, early: NotYet) -> None:
        row = {
            "event_id": delivery.id,
            "awaits": early.awaits,
            "detail": str(early),
            "headers": delivery.headers,
            "topic": delivery.topic,
            "body": delivery.body,
        }
        latest = {"awaits": early.awaits, "detail": str(early)}
        async with self.sessions.begin() as session:
            await session.execute(insert(ParkedRow).values(row).on_conflict_do_update(index_elements=["event_id"], set_=latest))

    async def _bury(self, delivery: Delivery, error: Exception, attempts: int) -> None:
        log.error("dead letter", service=self.service, type=delivery.type, error=type(error).__name__, attempts=attempts)
        async with self.sessions.begin() as session:
            await bury(session, self.service, delivery, describe(error), attempts, self.clock.now())


def is_outage(error: Exception) -> bool:
    """Something we depend on does not answer: waited for without bound, since no message is to blame."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, InterfaceError) or _sqlstate(error)[:2] in ("08", "57", "53")
    return isinstance(error, Unavailable | ConnectionError | OSError | asyncio.TimeoutError)


def is_passing(error: Exception) -> bool:
    return is_outage(error) or (isinstance(error, DBAPIError | OperationalError) and _sqlstate(error) in SERIALIZATION_FAILURES)


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")


def describe(error: BaseException) -> str:
    """The error without what it was about: a validation error would quote the values."""
    if isinstance(error, ValidationError):
        places = {f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors(include_input=False, include_url=False)}
        return "not readable: " + "; ".join(sorted(places))
    if isinstance(error, DBAPIError):
        return f"{type(error.orig).__name__} {_sqlstate(error)}"
    return f"{type(error).__name__}: {error}"[:500]
