"""CallClosed: records the number of submitted applications, which is final now."""

from services.evaluation.locks import lock_call
from shared.contracts.applications import CallClosed
from shared.messaging.context import Context


async def record_call_closed(context: Context, event: CallClosed) -> None:
    call = await lock_call(context, event.call_id)
    call.closed_at, call.submitted = event.closed_at, event.submitted
