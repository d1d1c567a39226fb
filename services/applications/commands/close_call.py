"""Milestone call-closes: the end of the window has passed."""

from services.applications.locks import lock_call_to_close
from services.applications.steps.opening import open_if_due
from services.applications.steps.screening import complete_screening
from shared.contracts.applications import CallClosed
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.errors import NotYet
from shared.kernel.vocabulary import CallState, SelectionMethod
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def close_call(context: Context, event: MilestoneReached) -> None:
    """Does nothing when the call is closed already, or when an extension has moved the end.

    After this no first submission is accepted, not even one that has waited for this row since before the end: CallClosed has
    published the count.

    NotYet until evaluation has committed to the draw: a nonce chosen afterwards could be chosen by who competes
    (docs/decisions/0011).
    """
    call = await lock_call_to_close(context, event.subject_id)
    if call.state == CallState.CLOSED or context.now < call.closes_at:
        return
    if call.selection_method != SelectionMethod.FIRST_COME and call.nonce_hash is None:
        raise NotYet(call.id, "evaluation has not committed to the draw")
    open_if_due(context, call)
    call.state = CallState.CLOSED
    closed = CallClosed(call_id=call.id, region=call.region, closed_at=call.closes_at, submitted=call.submitted)
    publish(context, closed, reason="closed", policy_id=call.policy_id)
    await complete_screening(context, call)
