"""/sessions, /bookings and /capacities: vouchers that are hours or places, redeemed by attendance"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.vouchers.api.dependencies import (
    AttendanceRecorder,
    CallReader,
    CapacityConfirmer,
    SessionBooker,
    SessionReader,
    VoucherListReader,
    VoucherManager,
    VoucherReader,
)
from services.vouchers.api.schemas import (
    AttendanceInput,
    BookingInput,
    CorrectionDecisionInput,
    CorrectionInput,
    MinutesInput,
    ObjectionInput,
    SessionCancellationInput,
    SessionInput,
)
from services.vouchers.commands.book_session import book_session, cancel_booking
from services.vouchers.commands.cancel_session import cancel_session
from services.vouchers.commands.confirm_capacity import confirm_capacity
from services.vouchers.commands.decide_objection import decide_objection
from services.vouchers.commands.plan_session import Plan, plan_session
from services.vouchers.commands.propose_correction import decide_correction, propose_correction
from services.vouchers.commands.record_attendance import answer_attendance, record_attendance
from services.vouchers.queries import sessions
from services.vouchers.queries.session_register import RegisteredSessionView
from services.vouchers.queries.session_register import list_session_register as register_of
from services.vouchers.queries.session_views import AttendanceView, BookingView, CapacityView, SessionView
from services.vouchers.queries.sessions import BOOKINGS, CAPACITIES, SESSIONS, BookingFilter, SessionFilter
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("sessions")


@router.get("/capacities")
async def list_capacities(
    context: VoucherListReader, paging: Annotated[Paging, Depends(CAPACITIES)], region: str | None = None, awaiting: bool = False
) -> Page[CapacityView]:
    """Of calls that give hours or places. `awaiting`: those that finance has to confirm, or of which it has to confirm more."""
    return await sessions.list_capacities(context, paging, region, awaiting=awaiting)


@router.get("/calls/{call_id}/capacity")
async def get_call_capacity(context: CallReader, call_id: UUID) -> CapacityView:
    return await sessions.read_capacity(context, call_id)


@router.post("/calls/{call_id}/capacity/confirmation")
async def post_call_capacity_confirmation(context: CapacityConfirmer, call_id: UUID) -> CapacityView:
    return CapacityView.model_validate(await confirm_capacity(context, call_id))


@router.post("/calls/{call_id}/sessions", status_code=201)
async def post_call_session(context: VoucherManager, call_id: UUID, body: SessionInput) -> SessionView:
    row = await plan_session(context, call_id, Plan(**body.model_dump()))
    return await sessions.read_session(context, row.id)


@router.get("/sessions")
async def list_sessions(
    context: SessionReader, paging: Annotated[Paging, Depends(SESSIONS)], wanted: Annotated[SessionFilter, Query()]
) -> Page[SessionView]:
    return await sessions.list_sessions(context, paging, wanted)


@router.get("/session-register")
async def list_session_register(
    context: VoucherListReader, paging: Annotated[Paging, Depends(SESSIONS)], wanted: Annotated[SessionFilter, Query()]
) -> Page[RegisteredSessionView]:
    """Sessions with how many took part, for the agency."""
    return await register_of(context, paging, wanted)


@router.get("/sessions/{session_id}")
async def get_session(context: SessionReader, session_id: UUID) -> SessionView:
    return await sessions.read_session(context, session_id)


@router.get("/sessions/{session_id}/bookings")
async def list_session_bookings(context: SessionReader, session_id: UUID) -> list[BookingView]:
    """The attendance list."""
    return await sessions.session_bookings(context, session_id)


@router.post("/sessions/{session_id}/cancellation")
async def post_session_cancellation(context: VoucherManager, session_id: UUID, body: SessionCancellationInput) -> SessionView:
    await cancel_session(context, session_id, body.reason)
    return await sessions.read_session(context, session_id)


@router.get("/vouchers/{voucher_id}/attendance")
async def get_voucher_attendance(context: VoucherReader, voucher_id: UUID) -> AttendanceView:
    """What the voucher holds, and its bookings."""
    return await sessions.read_attendance(context, voucher_id)


@router.post("/vouchers/{voucher_id}/bookings", status_code=201)
async def post_voucher_booking(context: SessionBooker, voucher_id: UUID, body: BookingInput) -> BookingView:
    return await _view(context, (await book_session(context, voucher_id, body.session_id)).id)


@router.get("/bookings")
async def list_bookings(
    context: VoucherReader, paging: Annotated[Paging, Depends(BOOKINGS)], wanted: Annotated[BookingFilter, Query()]
) -> Page[BookingView]:
    return await sessions.list_bookings(context, paging, wanted)


@router.get("/bookings/by-code/{code}")
async def list_bookings_by_code(context: AttendanceRecorder, code: str) -> list[BookingView]:
    """Of the voucher whose code a participant shows, in sessions that the caller may record."""
    return await sessions.bookings_by_code(context, code)


@router.get("/bookings/{booking_id}")
async def get_booking(context: SessionReader, booking_id: UUID) -> BookingView:
    return await sessions.read_booking(context, booking_id)


@router.post("/bookings/{booking_id}/cancellation")
async def post_booking_cancellation(context: SessionBooker, booking_id: UUID) -> BookingView:
    return await _view(context, (await cancel_booking(context, booking_id)).id)


@router.post("/bookings/{booking_id}/attendance")
async def post_booking_attendance(context: AttendanceRecorder, booking_id: UUID, body: AttendanceInput) -> BookingView:
    return await _view(context, (await record_attendance(context, booking_id, body.minutes, body.code)).id)


@router.post("/bookings/{booking_id}/confirmation")
async def post_booking_confirmation(context: SessionBooker, booking_id: UUID) -> BookingView:
    return await _view(context, (await answer_attendance(context, booking_id, None)).id)


@router.post("/bookings/{booking_id}/objection")
async def post_booking_objection(context: SessionBooker, booking_id: UUID, body: ObjectionInput) -> BookingView:
    return await _view(context, (await answer_attendance(context, booking_id, body.words)).id)


@router.post("/bookings/{booking_id}/decision")
async def post_booking_decision(context: VoucherManager, booking_id: UUID, body: MinutesInput) -> BookingView:
    """An officer decides the objection."""
    return await _view(context, (await decide_objection(context, booking_id, body.minutes)).id)


@router.post("/bookings/{booking_id}/correction")
async def post_booking_correction(context: VoucherManager, booking_id: UUID, body: CorrectionInput) -> BookingView:
    """One officer proposes that the record was wrong."""
    await propose_correction(context, booking_id, body.minutes, body.reason)
    return await _view(context, booking_id)


@router.post("/bookings/{booking_id}/correction/decision")
async def post_booking_correction_decision(context: VoucherManager, booking_id: UUID, body: CorrectionDecisionInput) -> BookingView:
    """Another officer confirms it, or either of them takes it back."""
    return await _view(context, (await decide_correction(context, booking_id, confirmed=body.confirmed)).id)


async def _view(context: SessionReader, booking_id: UUID) -> BookingView:
    await context.session.flush()
    return await sessions.read_booking(context, booking_id)
