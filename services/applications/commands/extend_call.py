"""An officer gives applicants more time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.lock_case import lock_call
from services.applications.domain.submission import local
from services.applications.tables import CallRow
from shared.contracts.applications import CallExtended
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, Refused
from shared.messaging.cause import Cause
from shared.messaging.outbox import publish
from shared.policy.resolver import PolicyBook


async def extend_call(
    session: AsyncSession, cause: Cause, actor: Actor, book: PolicyBook, call_id: UUID, closes_at: datetime, reason: str
) -> CallRow:
    """A later end, and the later dates moved by as much. Only before the old end; the same end again changes nothing."""
    call = await lock_call(session, call_id)
    authorise(actor, Permission.MANAGE_CALLS, region=call.region)
    if closes_at == call.closes_at:
        return call
    policy = book.get(call.policy_id)
    if call.state == "closed" or cause.now >= call.closes_at:
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
    publish(session, cause, event, reason=reason, policy_id=call.policy_id)
    return call
