"""The calendar of a call."""

from typing import Annotated
from uuid import UUID

from services.vouchers.queries import vouchers as queries
from services.vouchers.queries.views import CallCalendarView, CallDateView
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import api_router, requires

router = api_router("calls")


@router.get("/calls/{call_id}/calendar")
async def read_calendar(context: Annotated[Context, requires(Permission.READ_CALLS)], call_id: UUID) -> CallCalendarView:
    call, rows = await queries.read_calendar(context, call_id)
    dates = [CallDateView.model_validate(row) for row in rows]
    to_come = [date for date in dates if date.reached_at is None and date.replaced_at is None]
    return CallCalendarView(call_id=call.id, **call.model_dump(exclude={"id"}), dates=dates, next=next(iter(to_come), None))
