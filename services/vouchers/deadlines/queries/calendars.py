"""Reads of calls and their dates."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.vouchers.deadlines.queries.views import CallCalendarView, CallDateView
from services.vouchers.deadlines.tables import CallDateRow, CallRow
from shared.contracts.binding import require_same
from shared.contracts.common import CaseEvent
from shared.identity.permissions import Permission, Unowned, authorise
from shared.kernel.errors import NotFound, NotYet
from shared.messaging.context import Context


async def read_call_calendar(context: Context, call_id: UUID) -> CallCalendarView:
    """`NotFound` unknown-call."""
    call = await context.session.get(CallRow, call_id)
    if call is None:
        raise NotFound("unknown-call", "There is no such call.")
    authorise(context.actor, Permission.READ_CALLS, region=call.region, owner=Unowned.OPEN)
    dates = [CallDateView.model_validate(row) for row in await load_call_dates(context, call_id)]
    to_come = [date for date in dates if date.reached_at is None and date.replaced_at is None]
    return CallCalendarView(call_id=call.id, **call.model_dump(exclude={"id"}), dates=dates, next=next(iter(to_come), None))


async def load_call_dates(context: Context, call_id: UUID) -> list[CallDateRow]:
    """In the order in which they are due."""
    query = select(CallDateRow).where(col(CallDateRow.call_id) == call_id).order_by(col(CallDateRow.due_at), col(CallDateRow.kind))
    return list(await context.session.scalars(query))


async def read_published_call(context: Context, event: CaseEvent) -> CallRow:
    """The call of an event's case. `NotYet` when CallPublished has not arrived; `Contradiction` when the event names another region,
    scheme or policy than the call has."""
    row = await context.session.get(CallRow, event.call_id)
    if row is None:
        raise NotYet(event.call_id)
    require_same(event, row)
    return row
