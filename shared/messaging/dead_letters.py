"""Dead letters: messages that cannot take effect, kept whole in a table, announced on a topic, requeued on demand."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from shared.identity.actor import SYSTEM
from shared.kernel.ids import derive_id, new_id
from shared.messaging.envelope import Delivery
from shared.messaging.tables import DeadLetterRow, OutboxRow, ParkedRow

NAMESPACE = UUID("6f4c2b0e-9a39-8c52-9d0b-54d1a3c1e7aa")


def dead_letter_topic(service: str) -> str:
    return f"{service}.dead-letters"


def letter_id(delivery: Delivery) -> UUID:
    """The event's id; for a message without one, an id derived from its bytes, so that it is stored once."""
    try:
        return delivery.id
    except (KeyError, ValueError):
        return derive_id(NAMESPACE, delivery.topic, delivery.body.hex())


async def store_dead_letter(session: AsyncSession, service: str, delivery: Delivery, error: str, attempts: int, now: datetime) -> None:
    """Stores the message and publishes to the dead-letter topic, through the outbox; alarms watch that topic."""
    identity = letter_id(delivery)
    values = {
        "id": identity,
        "headers": delivery.headers,
        "topic": delivery.topic,
        "body": delivery.body,
        "error": error,
        "attempts": attempts,
        "replayed_at": None,
    }
    latest = {"error": error, "attempts": attempts, "replayed_at": None}
    await session.execute(insert(DeadLetterRow).values(values).on_conflict_do_update(index_elements=["id"], set_=latest))
    parked = await session.get(ParkedRow, identity)
    if parked is not None:
        await session.delete(parked)
    session.add(
        OutboxRow(
            event_id=new_id(),
            topic=dead_letter_topic(service),
            key=identity,
            type="messaging.DeadLettered.v1",
            time=now,
            actor=SYSTEM.id,
            reason="dead-letter",
            policy_id="",
            correlation_id=identity,
            causation_id=identity,
            body={"event_id": str(identity), "type": delivery.type, "topic": delivery.topic, "error": error, "attempts": attempts},
        )
    )


async def requeue_dead_letters(session: AsyncSession, event_ids: list[UUID] | None, now: datetime) -> int:
    """Moves dead letters (those named, or all not yet requeued) to the parked events, which are retried within seconds.

    Returns how many. `now` is real time.
    """
    query = select(DeadLetterRow).where(col(DeadLetterRow.replayed_at).is_(None)).with_for_update()
    if event_ids is not None:
        query = query.where(col(DeadLetterRow.id).in_(event_ids))
    letters = list((await session.scalars(query)).all())
    for letter in letters:
        letter.replayed_at = now
        values = {
            "event_id": letter.id,
            "awaits": "replay",
            "detail": "requeued from the dead letters",
            "headers": letter.headers,
            "topic": letter.topic,
            "body": letter.body,
        }
        await session.execute(insert(ParkedRow).values(values).on_conflict_do_nothing())
    return len(letters)
