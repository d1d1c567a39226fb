"""The outbox: an event is written in the transaction that changed the state, and is never lost after that."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.ids import new_id
from shared.messaging.cause import Cause
from shared.messaging.event import Event
from shared.messaging.tables import OutboxRow


def publish(session: AsyncSession, cause: Cause, event: Event, *, reason: str, policy_id: str) -> UUID:
    """Adds `event` to the caller's transaction and returns its id; commits nothing.

    `reason` is a code saying why the state changed, `policy_id` the rule version under which it was decided ('' for
    what no region policy governs). The caller holds a lock on the aggregate's row, so that events of one key are written in order.
    """
    row = OutboxRow(
        event_id=new_id(),
        topic=event.topic,
        key=event.key,
        type=event.type,
        time=cause.now,
        actor=cause.actor,
        reason=reason,
        policy_id=policy_id,
        correlation_id=event.case,
        causation_id=cause.event_id,
        traceparent=cause.traceparent,
        body=event.model_dump(mode="json"),
    )
    session.add(row)
    return row.event_id
