"""The calendar of a call."""

from typing import Annotated
from uuid import UUID

from services.vouchers import queries
from services.vouchers.api.models import CallCalendarView, CallDateView
from shared.identity.actor import Actor
from shared.identity.permissions import Permission
from shared.web.app import Session
from shared.web.auth import api_router, requires

router = api_router("calls")


@router.get("/calls/{call_id}/calendar")
async def read_calendar(session: Session, actor: Annotated[Actor, requires(Permission.READ_CALLS)], call_id: UUID) -> CallCalendarView:
    call, rows = await queries.read_calendar(session, actor, call_id)
    dates = [CallDateView.model_validate(row) for row in rows]
    to_come = [date for date in dates if date.reached_at is None and date.replaced_at is None]
    return CallCalendarView(call_id=call.id, **call.model_dump(exclude={"id"}), dates=dates, next=next(iter(to_come), None))
