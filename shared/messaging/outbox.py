"""The outbox: an event row is written in the transaction that changed the state; the relay publishes it later."""

from uuid import UUID

from shared.kernel.ids import new_id
from shared.messaging.acts import act_of
from shared.messaging.context import Context
from shared.messaging.event import Event
from shared.messaging.unwritten import add_event
from shared.telemetry.cases import note_case


def publish(context: Context, event: Event, *, reason: str, policy_id: str) -> UUID:
    """Adds `event` to the transaction of the context, with its act if a person took a duty by it, and returns its id; commits nothing.

    `reason` is a code that says why the state changed. `policy_id` is the rule version under which it was decided, '' where no
    region policy governs. The caller holds the lock on the aggregate's row, so that the events of one key are written in order.
    """
    event_id, actor = new_id(), context.actor.id
    row = {
        "event_id": event_id,
        "topic": event.topic,
        "key": event.key,
        "type": event.type,
        "time": context.now,
        "actor": actor,
        "reason": reason,
        "policy_id": policy_id,
        "correlation_id": event.correlation_id,
        "causation_id": context.event_id,
        "body": event.model_dump_json(),
    }
    note_case(event.correlation_id)
    add_event(context.session, row, act_of(event, event_id, actor, context.now))
    return event_id
