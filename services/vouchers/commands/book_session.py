"""The beneficiary books a session with its voucher, and gives a booking up."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.vouchers.domain.attendance import Holding, Session, check_booking, used_by_absence
from services.vouchers.domain.bookings import OPEN, BookingState
from services.vouchers.domain.stages import Stage
from services.vouchers.locks import lock_booking, lock_voucher
from services.vouchers.steps.attendance import attendance_terms, cancel, hold, lock_session, session_of
from services.vouchers.steps.capacity import holding_of
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.tables import BookingRow, HoldingRow, SessionRow, VoucherRow
from shared.contracts.vouchers import SessionBooked
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.ids import new_id
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def book_session(context: Context, voucher_id: UUID, session_id: UUID) -> BookingRow:
    """Under the locks of the voucher and the session, so the last seat is given once. The same booking twice is the first one.

    `NotFound` unknown-session, also one of another call; `Conflict` not-attended where the voucher is money, session-cancelled, own-session
    where the beneficiary's organisation is the host, and as `check_booking`.
    """
    row = await lock_voucher(context, voucher_id)
    authorise(context.actor, Permission.BOOK_SESSION, region=row.region, owner=owned_by(row.organisation_id))
    await take_part(context, Duty.APPLY, row.application_id, call_id=row.call_id)
    if await context.session.get(HoldingRow, voucher_id) is None:
        raise Conflict("not-attended", "No session is booked with this voucher.")
    if await context.session.get(SessionRow, session_id) is None:
        raise NotFound("unknown-session", "There is no such session.")
    session = await lock_session(context, session_id)
    if session.call_id != row.call_id:
        raise NotFound("unknown-session", "There is no such session.")
    booked = await _open_bookings(context, row)
    if known := next((booking for booking, other in booked if other.id == session_id), None):
        return known
    if session.cancelled_at is not None:
        raise Conflict("session-cancelled", "This session will not take place. Choose another one.")
    if session.host_organisation_id == row.organisation_id:
        raise Conflict("own-session", "Your organisation leads this session, so it cannot book it.")
    units = check_booking(await _holding(context, row, booked), session_of(session), attendance_terms(context, row), context.now)
    booking = BookingRow(
        id=new_id(), session_id=session_id, voucher_id=row.id, application_id=row.application_id, call_id=row.call_id, region=row.region,
        organisation_id=row.organisation_id, units_held=units, booked_at=context.now,
    )  # fmt: skip
    session.taken += 1
    context.session.add(booking)
    await hold(context, row, units)
    publish_voucher_event(context, row, SessionBooked, "by-beneficiary", booking_id=booking.id, session_id=session_id, units=units)
    return booking


async def cancel_booking(context: Context, booking_id: UUID) -> BookingRow:
    """Until the session begins. In time it uses nothing up, later the whole session. A second time changes nothing. `NotFound`
    unknown-booking; `Conflict` booking-not-open, session-begun."""
    booking, row = await lock_booking(context, booking_id)
    authorise(context.actor, Permission.BOOK_SESSION, region=row.region, owner=owned_by(row.organisation_id))
    await take_part(context, Duty.APPLY, row.application_id, call_id=row.call_id)
    if booking.state == BookingState.CANCELLED:
        return booking
    if booking.state != BookingState.BOOKED:
        raise Conflict("booking-not-open", "This booking was recorded already, or cancelled.", state=booking.state)
    session = await lock_session(context, booking.session_id)
    if session.starts_at <= context.now:
        raise Conflict("session-begun", "This session has begun already. Choose a later one.")
    units = used_by_absence(session_of(session), attendance_terms(context, row), context.now)
    await cancel(context, row, booking, session, units, "too-late" if units else "by-beneficiary")
    return booking


async def _open_bookings(context: Context, row: VoucherRow) -> list[tuple[BookingRow, SessionRow]]:
    query = select(BookingRow, SessionRow).join(SessionRow, col(SessionRow.id) == col(BookingRow.session_id))
    query = query.where(col(BookingRow.voucher_id) == row.id, col(BookingRow.state).in_(OPEN))
    return [(booking, session) for booking, session in await context.session.execute(query)]


async def _holding(context: Context, row: VoucherRow, booked: list[tuple[BookingRow, SessionRow]]) -> Holding:
    usable = row.state == Stage.ISSUED and not row.suspended and row.outcome is None
    held = await holding_of(context, row.id)
    assert row.valid_until is not None or not usable, "an issued voucher has its dates"
    sessions = [Session(session.starts_at, session.ends_at, 1) for _, session in booked]
    return Holding(usable, held.left, row.valid_until or context.now, sessions)
