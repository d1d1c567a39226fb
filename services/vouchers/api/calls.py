"""/calls/{call_id}: its calendar, and the milestones of its vouchers."""

from uuid import UUID

from services.vouchers.api.dependencies import CallReader, VoucherManager
from services.vouchers.deadlines.queries.calendars import read_call_calendar
from services.vouchers.deadlines.queries.milestones import VoucherMilestonesView, read_voucher_milestones
from services.vouchers.deadlines.queries.views import CallCalendarView
from shared.web.auth import api_router

router = api_router("calls")


@router.get("/calls/{call_id}/calendar")
async def get_call_calendar(context: CallReader, call_id: UUID) -> CallCalendarView:
    return await read_call_calendar(context, call_id)


@router.get("/calls/{call_id}/milestones")
async def get_call_milestones(context: VoucherManager, call_id: UUID) -> VoucherMilestonesView:
    """By when its vouchers are to be accepted, redeemed and claimed."""
    return await read_voucher_milestones(context, call_id)
