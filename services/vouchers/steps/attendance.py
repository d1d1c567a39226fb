"""What becomes of the units that a booking holds. The voucher's row is locked."""

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.vouchers.domain.attendance import Session, Terms, terms_of
from services.vouchers.domain.bookings import OPEN, BookingState
from services.vouchers.domain.capacity import CapacityEntry
from services.vouchers.steps.capacity import holding_of, move_units, settle_units
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.tables import BookingRow, SessionRow, VoucherRow
from shared.contracts.vouchers import AttendanceConfirmed, BookingCancelled
from shared.messaging.context import Context

SILENCE = "nobody-objected"


def session_of(row: SessionRow) -> Session:
    return Session(row.starts_at, row.ends_at, row.seats - row.taken)


def attendance_terms(context: Context, row: VoucherRow) -> Terms:
    """By the policy that the voucher is pinned to."""
    benefit = context.policies.get(row.policy_id).benefit
    assert benefit is not None, "a booking is of a scheme that gives no money"
    return terms_of(benefit)


async def hold(context: Context, row: VoucherRow, units: int) -> None:
    """For a booking."""
    holding = await holding_of(context, row.id)
    holding.booked += units
    await context.session.flush()


async def use_up(context: Context, row: VoucherRow, booking: BookingRow, units: int) -> None:
    """The booking is decided: it holds nothing any more, and `units` of the voucher are used up. What was ever used up is reported."""
    holding = await holding_of(context, row.id)
    holding.booked -= booking.units_held
    await context.session.flush()
    booking.units_used = units
    if units:
        await move_units(context, holding, CapacityEntry.ATTENDED, units, booking.id)
        row.claimed_at = row.claimed_at or context.now


async def confirm(context: Context, row: VoucherRow, booking: BookingRow, units: int, reason: str) -> None:
    """The record stands. `booking` is recorded, or objected to."""
    await use_up(context, row, booking, units)
    booking.state, booking.decided_at, booking.decided_by = BookingState.CONFIRMED, context.now, context.actor.id
    publish_voucher_event(context, row, AttendanceConfirmed, reason, booking_id=booking.id, session_id=booking.session_id, units=units)
    await next_confirmation(context, row)


async def cancel(
    context: Context, row: VoucherRow, booking: BookingRow, session: SessionRow, units: int, reason: str, *, by_region: bool = False
) -> None:
    """`session` is locked: its seat is free again. `units` are used up all the same."""
    session.taken -= 1
    await use_up(context, row, booking, units)
    booking.state, booking.cancelled_at = BookingState.CANCELLED, context.now
    fields = {"booking_id": booking.id, "session_id": session.id, "units": units, "by_region": by_region}
    publish_voucher_event(context, row, BookingCancelled, reason, **fields)


async def next_confirmation(context: Context, row: VoucherRow) -> None:
    """When the next record of the voucher stands by itself: its lifecycle wakes then."""
    await context.session.flush()
    query = select(func.min(col(BookingRow.confirm_by))).where(
        col(BookingRow.voucher_id) == row.id, col(BookingRow.state) == BookingState.RECORDED
    )
    row.confirm_by = await context.session.scalar(query)


async def confirm_silent(context: Context, row: VoucherRow) -> None:
    """Every record to which nobody has objected in time stands."""
    for booking in await bookings_of(context, row.id, BookingState.RECORDED):
        if booking.confirm_by is not None and booking.confirm_by <= context.now:
            await confirm(context, row, booking, booking.units_used, SILENCE)
    await next_confirmation(context, row)


async def end_attendance(context: Context, row: VoucherRow, reason: str) -> None:
    """The voucher ends: what is recorded stands, an objection that nobody has decided counts for the beneficiary, what was only booked is
    cancelled and uses nothing up; the rest goes back to the call."""
    for booking in await bookings_of(context, row.id, *OPEN):
        if booking.state == BookingState.BOOKED:
            session = await lock_session(context, booking.session_id)
            await cancel(context, row, booking, session, 0, reason)
        else:
            await confirm(context, row, booking, booking.units_used if booking.state == BookingState.RECORDED else 0, reason)
    await settle_units(context, row, reason)


async def bookings_of(context: Context, voucher_id: UUID, *states: BookingState) -> list[BookingRow]:
    query = select(BookingRow).where(col(BookingRow.voucher_id) == voucher_id, col(BookingRow.state).in_(states))
    query = query.order_by(col(BookingRow.session_id), col(BookingRow.id)).execution_options(populate_existing=True)
    return list(await context.session.scalars(query))


async def lock_session(context: Context, session_id: UUID) -> SessionRow:
    """After the voucher."""
    return await context.session.get_one(SessionRow, session_id, with_for_update=True, populate_existing=True)
