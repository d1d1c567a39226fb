"""CallExtended: records the later dates of the call."""

from services.evaluation.locks import lock_call
from shared.contracts.applications import CallExtended
from shared.messaging.context import Context


async def record_call_extended(context: Context, event: CallExtended) -> None:
    """An extension only moves the end to a later date, so an older event that arrives late changes nothing."""
    call = await lock_call(context, event.call_id)
    if event.closes_at > call.closes_at:
        call.closes_at = event.closes_at
        call.evaluation_due_at = event.evaluation_due_at
        call.reserve_list_ends_at = event.reserve_list_ends_at
