"""The opening instant has passed."""

from uuid import UUID

from services.applications.locks import lock_call
from services.applications.tables import CallRow
from shared.contracts.applications import CallOpened
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def open_call(context: Context, call_id: UUID) -> None:
    """Nothing when it is open already, or when its time has not come."""
    mark_open(context, await lock_call(context, call_id))


def mark_open(context: Context, call: CallRow) -> None:
    if call.state != "published" or context.now < call.opens_at:
        return
    call.state = "open"
    publish(context, CallOpened(call_id=call.id, region=call.region, opened_at=call.opens_at), reason="opened", policy_id=call.policy_id)
