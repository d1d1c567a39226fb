"""An officer gives applicants more time."""

from datetime import datetime
from uuid import UUID

from services.applications.domain.submission import local
from services.applications.locks import lock_call
from services.applications.tables import CallRow
from shared.contracts.applications import CallExtended
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, Refused
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def extend_call(context: Context, call_id: UUID, closes_at: datetime, reason: str) -> CallRow:
    """A later end, and the later dates moved by as much. Only before the old end; the same end again changes nothing."""
    call = await lock_call(context, call_id)
    authorise(context.actor, Permission.MANAGE_CALLS, region=call.region)
    if closes_at == call.closes_at:
        return call
    policy = context.policies.get(call.policy_id)
    if call.state == "closed" or context.now >= call.closes_at:
        raise Conflict("call-ended", f"The call ended on {local(call.closes_at, policy.zone)}.", ended_at=call.closes_at)
    if closes_at < call.closes_at:
        raise Refused("not-later", "An extension ends later than the call does now.", field="closes_at")
    moved = closes_at - call.closes_at
    if call.reserve_list_ends_at + moved > policy.programme_end_at:
        raise Refused("after-programme-end", f"The reserve list would end after {policy.programme_end}.", field="closes_at")

    previous, call.closes_at = call.closes_at, closes_at
    call.evaluation_due_at += moved
    call.reserve_list_ends_at += moved
    event = CallExtended(
        call_id=call.id,
        region=call.region,
        closes_at=closes_at,
        previous_closes_at=previous,
        evaluation_due_at=call.evaluation_due_at,
        reserve_list_ends_at=call.reserve_list_ends_at,
    )
    publish(context, event, reason=reason, policy_id=call.policy_id)
    return call
