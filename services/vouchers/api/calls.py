"""/calls/{call_id}/calendar"""

from uuid import UUID

from services.vouchers.api.dependencies import CallReader
from services.vouchers.deadlines.queries.calendars import read_call_calendar
from services.vouchers.deadlines.queries.views import CallCalendarView
from shared.web.auth import api_router

router = api_router("calls")


@router.get("/calls/{call_id}/calendar")
async def get_call_calendar(context: CallReader, call_id: UUID) -> CallCalendarView:
    return await read_call_calendar(context, call_id)
