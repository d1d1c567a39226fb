"""CallClosed: records the number of submissions. It is final but for corrections by which an application loses its place."""

from sqlalchemy import func, select
from sqlmodel import col

from services.evaluation.locks import lock_call
from services.evaluation.tables import QueueEntryRow
from shared.contracts.applications import CallClosed
from shared.messaging.context import Context


async def record_call_closed(context: Context, event: CallClosed) -> None:
    call = await lock_call(context, event.call_id)
    last = await context.session.scalar(select(func.max(col(QueueEntryRow.sequence))).where(col(QueueEntryRow.call_id) == call.id))
    call.closed_at, call.submitted = event.closed_at, max(event.submitted, last or 0)
