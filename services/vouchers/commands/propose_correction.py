"""Officers correct a record of attendance that stands: one proposes, another one confirms."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.vouchers.domain.bookings import BookingState, may_correct, units_recorded
from services.vouchers.domain.capacity import CapacityEntry
from services.vouchers.steps.attendance import attendance_terms, session_of
from services.vouchers.steps.capacity import holding_of, move_units
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.steps.managed_bookings import managed_booking
from services.vouchers.steps.voucher import facts_of
from services.vouchers.tables import BookingRow, CorrectionRow, SessionRow, VoucherRow
from shared.contracts.vouchers import AttendanceCorrected
from shared.identity.separation import require_distinct
from shared.kernel.errors import Conflict, Forbidden, NotFound
from shared.kernel.ids import new_id
from shared.messaging.context import Context


async def propose_correction(context: Context, booking_id: UUID, minutes: int, reason: str) -> CorrectionRow:
    """It waits for another officer. Raises as `may_correct`; `Conflict` correction-open."""
    booking, row, session = await managed_booking(context, booking_id)
    may_correct(BookingState(booking.state), facts_of(row), session_of(session), minutes)
    if await open_correction(context, booking_id):
        raise Conflict("correction-open", "A correction of this record waits for a second officer already.")
    correction = CorrectionRow(
        id=new_id(), booking_id=booking_id, region=row.region, organisation_id=row.organisation_id, minutes=minutes, reason=reason,
        proposed_by=context.actor.id, proposed_at=context.now,
    )  # fmt: skip
    context.session.add(correction)
    await context.session.flush()
    return correction


async def decide_correction(context: Context, booking_id: UUID, *, confirmed: bool) -> BookingRow:
    """By another officer than who proposed it; that one may take it back. `NotFound` no-such-proposal; `Forbidden` proposed-yourself;
    raises as `may_correct`, and `Conflict` units-exhausted when the voucher has not so much left."""
    booking, row, session = await managed_booking(context, booking_id)
    correction = await open_correction(context, booking_id)
    if correction is None:
        raise NotFound("no-such-proposal", "There is no such proposal.")
    if confirmed:
        may_correct(BookingState(booking.state), facts_of(row), session_of(session), correction.minutes)
        yourself = Forbidden("proposed-yourself", "You have proposed this yourself: another person has to confirm it.")
        require_distinct(context.actor.id, {correction.proposed_by}, yourself)
        await _correct(context, row, booking, session, correction)
    correction.decided_by, correction.decided_at, correction.confirmed = context.actor.id, context.now, confirmed
    return booking


async def _correct(context: Context, row: VoucherRow, booking: BookingRow, session: SessionRow, correction: CorrectionRow) -> None:
    units, before = units_recorded(session_of(session), attendance_terms(context, row), correction.minutes), booking.units_used
    holding = await holding_of(context, row.id)
    if units - before > holding.left:
        raise Conflict(
            "units-exhausted", "This session needs {needed} of the voucher, {left} are left.", needed=units - before, left=holding.left
        )
    if units < before:
        await move_units(context, holding, CapacityEntry.CORRECTED, before - units, correction.id)
    if units > before:
        await move_units(context, holding, CapacityEntry.ATTENDED, units - before, correction.id)
    booking.units_used, booking.minutes = units, correction.minutes
    publish_voucher_event(
        context, row, AttendanceCorrected, "recorded-wrongly", booking_id=booking.id, session_id=session.id, units=units,
        previous_units=before, proposed_by=correction.proposed_by,
    )  # fmt: skip


async def open_correction(context: Context, booking_id: UUID) -> CorrectionRow | None:
    """The one that waits."""
    query = select(CorrectionRow).where(col(CorrectionRow.booking_id) == booking_id, col(CorrectionRow.decided_at).is_(None))
    return (await context.session.scalars(query)).one_or_none()
