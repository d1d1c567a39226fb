"""The end of the window has passed."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.complete_screening import complete_screening
from services.applications.commands.lock_case import lock_call
from services.applications.commands.open_call import mark_open
from shared.contracts.applications import CallClosed
from shared.kernel.errors import NotYet
from shared.messaging.cause import Cause
from shared.messaging.outbox import publish


async def close_call(session: AsyncSession, cause: Cause, call_id: UUID) -> None:
    """Nothing when it is closed already, or when an extension has moved the end. From here on no first submission is taken,
    not even one that waited for this row since before the end: the others have been told the count.

    NotYet until evaluation has committed to the draw: whoever could choose the nonce afterwards would know who competes
    (docs/decisions/0011)."""
    call = await lock_call(session, call_id)
    if call.state == "closed" or cause.now < call.closes_at:
        return
    if call.selection != "first-come" and call.nonce_hash is None:
        raise NotYet(call.id, "its draw is not committed to yet")
    mark_open(session, cause, call)
    call.state = "closed"
    event = CallClosed(call_id=call.id, region=call.region, closed_at=call.closes_at, submitted=call.submitted)
    publish(session, cause, event, reason="closed", policy_id=call.policy_id)
    await complete_screening(session, cause, call)
