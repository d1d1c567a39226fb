"""An officer decides an objection to a record of attendance: another one than who recorded it."""

from uuid import UUID

from services.vouchers.domain.bookings import BookingState, may_decide_objection, units_recorded
from services.vouchers.steps.attendance import attendance_terms, confirm, session_of
from services.vouchers.steps.managed_bookings import managed_booking
from services.vouchers.tables import BookingRow
from shared.identity.separation import require_distinct
from shared.kernel.errors import Forbidden
from shared.messaging.context import Context


async def decide_objection(context: Context, booking_id: UUID, minutes: int) -> BookingRow:
    """How it was, for the officer who decides: `minutes` of presence, 0 where the beneficiary was absent without having cancelled.

    Raises as `may_decide_objection`; `Forbidden` recorded-yourself."""
    booking, row, session = await managed_booking(context, booking_id)
    may_decide_objection(BookingState(booking.state), session_of(session), minutes)
    yourself = Forbidden("recorded-yourself", "You have recorded this yourself: another person has to decide on the objection.")
    require_distinct(context.actor.id, {booking.recorded_by or ""}, yourself)
    booking.minutes = minutes
    units = units_recorded(session_of(session), attendance_terms(context, row), minutes)
    await confirm(context, row, booking, units, "objection-decided")
    return booking
