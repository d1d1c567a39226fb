"""Dead letters: messages that cannot take effect, kept whole in a table, announced on a topic, requeued on demand."""

from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from shared.identity.actor import SYSTEM
from shared.kernel.ids import derive_id, new_id
from shared.messaging.envelope import Delivery
from shared.messaging.failures import describe
from shared.messaging.signature import EventRefused
from shared.messaging.tables import DeadLetterRow, ParkedRow
from shared.messaging.unwritten import add_event

NAMESPACE = UUID("6f4c2b0e-9a39-8c52-9d0b-54d1a3c1e7aa")


def dead_letter_topic(service: str) -> str:
    return f"{service}.dead-letters"


def letter_id(delivery: Delivery, error: Exception) -> UUID:
    """The event's id; for a refused message an id derived from its bytes, because it must not take the place of the event whose id
    it bears."""
    if not isinstance(error, EventRefused):
        return delivery.id
    headers = (text for header in sorted(delivery.headers.items()) for text in header)
    return derive_id(NAMESPACE, delivery.topic, delivery.key.hex(), delivery.body.hex(), *headers)


async def store_dead_letter(
    session: AsyncSession, service: str, delivery: Delivery, failure: Exception, attempts: int, now: datetime
) -> None:
    """Stores the message and publishes to the dead-letter topic, through the outbox; alarms watch that topic."""
    identity, error = letter_id(delivery, failure), describe(failure)
    message = {"id": identity, "headers": delivery.headers, "topic": delivery.topic, "key": delivery.key, "body": delivery.body}
    outcome = {"attempts": attempts, "replayed_at": None}
    stored = insert(DeadLetterRow).values(message | outcome | {"error": error})
    await session.execute(stored.on_conflict_do_update(index_elements=["id"], set_=outcome))
    parked = await session.get(ParkedRow, identity)
    if parked is not None:
        await session.delete(parked)
    announced = {"event_id": identity, "type": delivery.type, "topic": delivery.topic, "error": error, "attempts": attempts}
    row = {
        "event_id": new_id(),
        "topic": dead_letter_topic(service),
        "key": identity,
        "type": "messaging.DeadLettered.v1",
        "time": now,
        "actor": SYSTEM.id,
        "reason": "dead-letter",
        "policy_id": "",
        "correlation_id": identity,
        "causation_id": identity,
        "body": orjson.dumps(announced),
    }
    add_event(session, row)


async def requeue_dead_letters(session: AsyncSession, event_ids: list[UUID] | None, now: datetime) -> int:
    """Moves dead letters (those named, or all not yet requeued) to the parked events, which are retried within seconds.

    Returns how many. `now` is real time.
    """
    letters = await _closed(session, event_ids, now)
    for letter in letters:
        values = {
            "event_id": letter.id,
            "awaits": "replay",
            "detail": "requeued from the dead letters",
            "headers": letter.headers,
            "topic": letter.topic,
            "key": letter.key,
            "body": letter.body,
        }
        await session.execute(insert(ParkedRow).values(values).on_conflict_do_nothing())
    return len(letters)


async def discard_dead_letters(session: AsyncSession, ids: list[UUID], now: datetime) -> int:
    """Closes dead letters that must not take effect, such as forged messages: they are kept, but are no longer listed or requeued.

    Returns how many. `now` is real time.
    """
    return len(await _closed(session, ids, now))


async def _closed(session: AsyncSession, ids: list[UUID] | None, now: datetime) -> list[DeadLetterRow]:
    query = select(DeadLetterRow).where(col(DeadLetterRow.replayed_at).is_(None)).with_for_update()
    if ids is not None:
        query = query.where(col(DeadLetterRow.id).in_(ids))
    letters = list((await session.scalars(query)).all())
    for letter in letters:
        letter.replayed_at = now
    return letters
