"""The opening of a call."""

from services.applications.tables import CallRow
from shared.contracts.applications import CallOpened
from shared.kernel.vocabulary import CallState
from shared.messaging.context import Context
from shared.messaging.outbox import publish


def open_if_due(context: Context, call: CallRow) -> None:
    """Opens the locked call and publishes CallOpened; does nothing before its opening instant, or when it is open or closed."""
    if call.state != CallState.PUBLISHED or context.now < call.opens_at:
        return
    call.state = CallState.OPEN
    publish(context, CallOpened(call_id=call.id, region=call.region, opened_at=call.opens_at), reason="opened", policy_id=call.policy_id)
