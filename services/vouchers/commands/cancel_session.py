"""A session will not take place."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.vouchers.domain.bookings import BookingState
from services.vouchers.locks import lock_voucher
from services.vouchers.steps.attendance import cancel, lock_session
from services.vouchers.tables import BookingRow, SessionRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.context import Context

CANCELLED = "session-cancelled"


async def cancel_session(context: Context, session_id: UUID, reason: str) -> SessionRow:
    """Its bookings use nothing up, and who booked gets a mail. A second time changes nothing. `NotFound` unknown-session; `Conflict`
    attendance-recorded once somebody was recorded."""
    found = await context.session.get(SessionRow, session_id)
    if found is None:
        raise NotFound("unknown-session", "There is no such session.")
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=found.region)
    vouchers = {voucher: await lock_voucher(context, voucher) for voucher in sorted(await _booked(context, session_id))}
    session = await lock_session(context, session_id)
    if session.cancelled_at is not None:
        return session
    query = select(BookingRow).where(col(BookingRow.session_id) == session_id, col(BookingRow.state) != BookingState.CANCELLED)
    bookings = (await context.session.scalars(query.execution_options(populate_existing=True))).all()
    if any(booking.state != BookingState.BOOKED for booking in bookings):
        raise Conflict("attendance-recorded", "Who was there is recorded already: the session took place.")
    session.cancelled_at, session.cancelled_by, session.cancelled_reason = context.now, context.actor.id, reason
    for booking in bookings:
        voucher = vouchers.get(booking.voucher_id) or await lock_voucher(context, booking.voucher_id)
        await cancel(context, voucher, booking, session, 0, CANCELLED, by_region=True)
    return session


async def _booked(context: Context, session_id: UUID) -> set[UUID]:
    query = select(col(BookingRow.voucher_id)).where(
        col(BookingRow.session_id) == session_id, col(BookingRow.state) != BookingState.CANCELLED
    )
    return set(await context.session.scalars(query))
