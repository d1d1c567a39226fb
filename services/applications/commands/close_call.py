"""The end of the window has passed."""

from uuid import UUID

from services.applications.commands.open_call import mark_open
from services.applications.locks import lock_call
from services.applications.steps.complete_screening import complete_screening
from shared.contracts.applications import CallClosed
from shared.kernel.errors import NotYet
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def close_call(context: Context, call_id: UUID) -> None:
    """Nothing when it is closed already, or when an extension has moved the end. From here on no first submission is taken,
    not even one that waited for this row since before the end: the others have been told the count.

    NotYet until evaluation has committed to the draw: whoever could choose the nonce afterwards would know who competes
    (docs/decisions/0011)."""
    call = await lock_call(context, call_id)
    if call.state == "closed" or context.now < call.closes_at:
        return
    if call.selection_method != "first-come" and call.nonce_hash is None:
        raise NotYet(call.id, "its draw is not committed to yet")
    mark_open(context, call)
    call.state = "closed"
    event = CallClosed(call_id=call.id, region=call.region, closed_at=call.closes_at, submitted=call.submitted)
    publish(context, event, reason="closed", policy_id=call.policy_id)
    await complete_screening(context, call)
