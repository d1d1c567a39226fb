"""A booking of a session from the booking to what it uses up: who may do what when. Each check returns True (do it), False (it is done
already), or raises."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from services.vouchers.domain.attendance import Session, Terms, used_by_absence, used_by_attendance
from services.vouchers.domain.stages import USABLE, Voucher
from shared.kernel.errors import Conflict, Refused
from shared.policy.schema import Policy


class BookingState(StrEnum):
    """RECORDED: the host has said who was there, and the beneficiary may object. CONFIRMED: it stands. CANCELLED also when it used units
    up, because it was too late."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    RECORDED = "recorded"
    OBJECTED = "objected"
    CONFIRMED = "confirmed"


BOOKING_TRANSITIONS: Mapping[BookingState, frozenset[BookingState]] = MappingProxyType(
    {
        BookingState.BOOKED: frozenset({BookingState.CANCELLED, BookingState.RECORDED}),
        BookingState.RECORDED: frozenset({BookingState.OBJECTED, BookingState.CONFIRMED, BookingState.RECORDED}),
        BookingState.OBJECTED: frozenset({BookingState.CONFIRMED}),
        BookingState.CANCELLED: frozenset(),
        BookingState.CONFIRMED: frozenset({BookingState.CONFIRMED}),
    }
)
OPEN = (BookingState.BOOKED, BookingState.RECORDED, BookingState.OBJECTED)
"""It still holds units of the voucher."""


def check_minutes(session: Session, minutes: int) -> None:
    """`Refused` 'minutes-too-many'."""
    if not 0 <= minutes <= session.minutes:
        raise Refused(
            "minutes-too-many", "The session takes {most} minutes. Give a number from 0 to that.", field="minutes", most=session.minutes
        )


def may_record(state: BookingState, session: Session, minutes: int, now: datetime) -> bool:
    """From the begin of the session on; absence once it is over, since who is late may still come. Raises as `check_minutes`, and
    `Conflict` 'booking-not-open', 'session-not-begun', 'session-not-over'."""
    check_minutes(session, minutes)
    if state is not BookingState.BOOKED:
        raise Conflict("booking-not-open", "This booking was recorded already, or cancelled.", state=state)
    if now < session.starts_at:
        raise Conflict("session-not-begun", "The session has not begun yet: record who is there once it has.")
    if not minutes and now < session.ends_at:
        raise Conflict("session-not-over", "The session is not over: who is missing may still come. Record absence afterwards.")
    return True


def units_recorded(session: Session, terms: Terms, minutes: int) -> int:
    """What this uses up. Absence uses the whole session up: the seat was lost to others."""
    return used_by_attendance(session, terms, minutes) if minutes else used_by_absence(session, terms, None)


def confirm_by(policy: Policy, claim_window_until: datetime, recorded_at: datetime) -> datetime:
    """Until when the beneficiary may object: never after the end of the voucher's time to confirm attendances."""
    assert policy.benefit is not None, "asked for a scheme that gives no money"
    return min(policy.deadline(policy.benefit.confirm_within, recorded_at), claim_window_until)


def may_answer(state: BookingState, until: datetime | None, now: datetime, zone: str, *, objects: bool) -> bool:
    """The beneficiary's word on what is recorded. `Conflict` 'attendance-not-recorded', 'objection-too-late', 'attendance-decided'."""
    if (state is BookingState.OBJECTED and objects) or (state is BookingState.CONFIRMED and not objects):
        return False
    if state is BookingState.BOOKED:
        raise Conflict("attendance-not-recorded", "The host has not recorded this session yet.")
    if state is not BookingState.RECORDED:
        raise Conflict("attendance-decided", "This attendance is decided already.", state=state)
    if objects and until is not None and now >= until:
        raise Conflict("objection-too-late", "The time to object ended on {ended_at}: the record stands.", ended_at=until, zone=zone)
    return True


def may_decide_objection(state: BookingState, session: Session, minutes: int) -> bool:
    """By another officer than who recorded it. Raises as `check_minutes`, and `Conflict` 'no-objection'."""
    check_minutes(session, minutes)
    if state is not BookingState.OBJECTED:
        raise Conflict("no-objection", "There is no objection to decide.", state=state)
    return True


def may_correct(state: BookingState, voucher: Voucher, session: Session, minutes: int) -> None:
    """What stands, while the voucher is in use. Raises as `check_minutes`, and `Conflict` 'attendance-not-final', 'voucher-ended'."""
    check_minutes(session, minutes)
    if state is not BookingState.CONFIRMED:
        raise Conflict("attendance-not-final", "Only a record that stands is corrected; before that the beneficiary may object.")
    if voucher.state not in USABLE or voucher.settled_at is not None or voucher.outcome is not None:
        raise Conflict("voucher-ended", "The voucher has ended: what it did not use has gone back to the call.")
