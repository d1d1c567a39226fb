"""Time limits, as policies state them, and the deadlines that follow from them.

A deadline is the END of the limit's last day in the region's local wall time: the local midnight that ends the day, as an
instant in UTC. "Seven working days from the day after notification" is `TimeLimit(value=7, unit="working-days",
start="day-after")`.
"""

import calendar as months
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.calendars.region import RegionCalendar

Unit = Literal["calendar-days", "working-days", "months"]
Start = Literal["same-day", "day-after"]


class TimeLimit(BaseModel):
    """`value` units, counted from the day of the event itself or from the day after it. `moves_to_next_working_day`: a last day on which
    nobody works is no last day (Regulation (EEC, Euratom) No 1182/71, Article 3(4)); so terms to act in, but no validity of a voucher."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    value: int = Field(gt=0)
    unit: Unit
    start: Start
    moves_to_next_working_day: bool = False

    @model_validator(mode="after")
    def _can_move(self) -> Self:
        if self.moves_to_next_working_day and self.unit == "working-days":
            raise ValueError("moves_to_next_working_day: a term in working days ends on one")
        return self


def last_day_before(end: datetime, zone: str) -> date:
    """The local day of the last moment before an end: an end of day is the midnight after it."""
    return (end - datetime.resolution).astimezone(ZoneInfo(zone)).date()


def last_day(limit: TimeLimit, first: date, calendar: RegionCalendar) -> date:
    """The last local day of a limit whose event happened on the local day `first`, by the days off that were known then."""
    calendar = calendar.as_of(first)
    before = first if limit.start == "day-after" else first - timedelta(days=1)
    if limit.unit == "working-days":
        return calendar.add_working_days(before, limit.value)
    months_later = limit.unit == "months"
    last = _last_day_of_months(first, limit.value, limit.start) if months_later else before + timedelta(days=limit.value)
    moves = limit.moves_to_next_working_day and not calendar.is_working_day(last)
    return calendar.add_working_days(last, 1) if moves else last


def deadline_after(limit: TimeLimit, starting: datetime, calendar: RegionCalendar) -> datetime:
    """The deadline (UTC) of a limit that starts at `starting`, an aware instant that counts as its local day in the region.

    ValueError when `starting` has no zone.
    """
    if starting.tzinfo is None:
        raise ValueError("a deadline starts at an instant with a zone")
    first = starting.astimezone(ZoneInfo(calendar.zone)).date()
    return end_of_day(last_day(limit, first, calendar), calendar.zone)


def end_of_day(day: date, zone: str) -> datetime:
    """The local midnight that ends `day`, in UTC. The midnights of a change of clocks are right: the zone decides."""
    return start_of_day(day + timedelta(days=1), zone)


def start_of_day(day: date, zone: str) -> datetime:
    """The local midnight that begins `day`, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def moved_day(end: datetime, before: datetime, after: datetime, zone: str) -> datetime:
    """The end of a whole day, later by as many days as `after` is than `before`: still a local midnight, over a change of clocks too."""
    local, first, last = (one.astimezone(ZoneInfo(zone)) for one in (end, before, after))
    return (local.replace(tzinfo=None) + (last.date() - first.date())).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def days_later(instant: datetime, days: int, zone: str) -> datetime:
    """The same hour so many days later (earlier when negative), on the clocks of the zone, in UTC: over a change of clocks too."""
    local = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + timedelta(days=days)
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _last_day_of_months(first: date, count: int, start: Start) -> date:
    """The same day of a later month, or its last day when that is missing; one day less when `first` itself counts."""
    year, month = divmod(first.year * 12 + first.month - 1 + count, 12)
    length = months.monthrange(year, month + 1)[1]
    if first.day > length:
        return date(year, month + 1, length)
    same = date(year, month + 1, first.day)
    return same if start == "day-after" else same - timedelta(days=1)
