"""The host of a session records who was there, by the code of the voucher; the beneficiary confirms or objects."""

from uuid import UUID

from services.vouchers.domain.bookings import BookingState, confirm_by, may_answer, may_record, units_recorded
from services.vouchers.domain.code import stored_code
from services.vouchers.domain.stages import USABLE
from services.vouchers.locks import lock_booking
from services.vouchers.steps.attendance import attendance_terms, confirm, next_confirmation, session_of
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.tables import BookingRow, SessionRow
from shared.contracts.vouchers import AttendanceObjected, AttendanceRecorded
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, acts_as_applicant, authorise, owned_by
from shared.kernel.errors import Conflict, Refused
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def record_attendance(context: Context, booking_id: UUID, minutes: int, code: str | None) -> BookingRow:
    """By a member of the organisation that leads the session, or an officer of the region where the agency does. Presence needs the code
    that the beneficiary shows; absence (0 minutes) does not. The same record twice is the first one.

    Raises as `may_record`; `Refused` code-needed, wrong-code, code-of-another; `Conflict` voucher-ended.
    """
    booking, row = await lock_booking(context, booking_id)
    session = await context.session.get_one(SessionRow, booking.session_id)
    authorise(context.actor, Permission.RECORD_ATTENDANCE, region=row.region, owner=owned_by(session.host_organisation_id))
    by_provider = acts_as_applicant(context.actor, Permission.RECORD_ATTENDANCE, row.region)
    await take_part(context, Duty.PROVIDE if by_provider else Duty.CHECK_CLAIM, row.application_id, call_id=row.call_id)
    if booking.state == BookingState.RECORDED and booking.minutes == minutes:
        return booking
    may_record(BookingState(booking.state), session_of(session), minutes, context.now)
    if row.state not in USABLE or row.claim_window_until is None or row.outcome is not None:
        raise Conflict("voucher-ended", "The voucher has ended: what it did not use has gone back to the call.")
    if minutes:
        _check_code(code, row.code)
    units = units_recorded(session_of(session), attendance_terms(context, row), minutes)
    until = confirm_by(context.policies.get(row.policy_id), row.claim_window_until, context.now)
    booking.state, booking.minutes, booking.units_used = BookingState.RECORDED, minutes, units
    booking.recorded_by, booking.recorded_at, booking.confirm_by = context.actor.id, context.now, until
    await next_confirmation(context, row)
    publish_voucher_event(
        context, row, AttendanceRecorded, "attended" if minutes else "absent", booking_id=booking.id, session_id=session.id, units=units,
        attended=minutes > 0, confirm_by=until, by_provider=by_provider,
    )  # fmt: skip
    return booking


async def answer_attendance(context: Context, booking_id: UUID, words: str | None) -> BookingRow:
    """The beneficiary's word on the record: None agrees, words object. The same answer twice does nothing. Raises as `may_answer`."""
    booking, row = await lock_booking(context, booking_id)
    authorise(context.actor, Permission.BOOK_SESSION, region=row.region, owner=owned_by(row.organisation_id))
    await take_part(context, Duty.APPLY, row.application_id, call_id=row.call_id)
    zone = context.policies.get(row.policy_id).zone
    if not may_answer(BookingState(booking.state), booking.confirm_by, context.now, zone, objects=words is not None):
        return booking
    if words is None:
        await confirm(context, row, booking, booking.units_used, "by-beneficiary")
        return booking
    booking.state, booking.objection = BookingState.OBJECTED, words
    publish_voucher_event(context, row, AttendanceObjected, "by-beneficiary", booking_id=booking.id, session_id=booking.session_id)
    await next_confirmation(context, row)
    return booking


def _check_code(shown: str | None, known: str | None) -> None:
    if not shown:
        raise Refused("code-needed", "Enter the code of the voucher, which the participant shows.", field="code")
    if stored_code(shown) != known:
        raise Refused("code-of-another", "This is the code of another voucher than the one that booked.", field="code")
