"""A voucher that is hours with a mentor, a place in a training or at an event: what may be booked, and what an attendance uses up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.kernel.errors import Conflict
from shared.policy.benefit import Benefit, Unit

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """`seats`: how many more may book it; a mentor's hour has one."""

    starts_at: datetime
    ends_at: datetime
    seats: int

    @property
    def minutes(self) -> int:
        return (self.ends_at - self.starts_at) // MINUTE


@dataclass(frozen=True, slots=True)
class Terms:
    """Of the policy. `step`: minutes are counted in steps of so many, each one that was begun. `free_until`: how long before a session
    begins its booking is cancelled without being used up."""

    unit: Unit
    step: int
    free_until: timedelta


def terms_of(benefit: Benefit) -> Terms:
    return Terms(benefit.unit, benefit.step, timedelta(hours=benefit.free_until_hours))


@dataclass(frozen=True, slots=True)
class Holding:
    """A voucher as it stands. `left`: units that are neither used up nor booked. `booked`: sessions to come."""

    usable: bool
    left: int
    valid_until: datetime
    booked: Sequence[Session] = ()


def units_of(session: Session, terms: Terms) -> int:
    """What the whole session uses up."""
    return 1 if terms.unit is Unit.PLACES else _in_steps(session.minutes, terms)


def check_booking(holding: Holding, session: Session, terms: Terms, now: datetime) -> int:
    """The units that the booking holds. Raises `Conflict` 'voucher-not-usable', 'session-begun', 'session-after-validity', 'session-full',
    'session-overlaps', 'units-exhausted', checked in this order."""
    if not holding.usable:
        raise Conflict("voucher-not-usable", "The voucher is not in use: it is not issued yet, suspended or closed.")
    if session.starts_at <= now:
        raise Conflict("session-begun", "This session has begun already. Choose a later one.")
    if session.ends_at > holding.valid_until:
        raise Conflict("session-after-validity", "The voucher ends before this session does. Choose an earlier one.")
    if session.seats < 1:
        raise Conflict("session-full", "Every place of this session is taken. Choose another one.")
    if any(session.starts_at < other.ends_at and other.starts_at < session.ends_at for other in holding.booked):
        raise Conflict("session-overlaps", "Another session is booked for this time.")
    needed = units_of(session, terms)
    if needed > holding.left:
        raise Conflict("units-exhausted", "This session needs {needed} of the voucher, {left} are left.", needed=needed, left=holding.left)
    return needed


def used_by_attendance(session: Session, terms: Terms, attended_minutes: int) -> int:
    """Who was there for a part of a session uses up that part of the minutes, and of a place the whole; nobody more than was booked."""
    if attended_minutes <= 0:
        return 0
    return min(units_of(session, terms), 1 if terms.unit is Unit.PLACES else _in_steps(attended_minutes, terms))


def used_by_absence(session: Session, terms: Terms, cancelled_at: datetime | None) -> int:
    """Nothing when the booking was cancelled in time; else the seat was lost to others, and the whole session is used up."""
    in_time = cancelled_at is not None and cancelled_at <= session.starts_at - terms.free_until
    return 0 if in_time else units_of(session, terms)


def aid_minor(units: int, unit_value_minor: int) -> int:
    """What an award counts for as de minimis aid, in minor units: its gross grant equivalent, on the day the right is given."""
    return units * unit_value_minor


def _in_steps(minutes: int, terms: Terms) -> int:
    return -(-minutes // terms.step) * terms.step
