"""Hours of the beneficiary's own people as a part of the own share: what a line of hours may be, and what hours count. (No I/O, no clock:
everything is an argument.)

A line of hours has a person's function, the first and the last day of the work and the hours; its amount is the hours at the policy's rate.
No name is asked for: the timesheet at the line shows whose hours they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.payments.domain.expenditure_window import DELIVERED, ExpenditureWindow, check_days
from shared.kernel.errors import Conflict, Refused
from shared.kernel.money import Money
from shared.policy.own_share import HUNDREDTHS, OwnHours
from shared.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class Hours:
    """Of one person. `function` as it is written, `hundredths` of an hour, both days included."""

    function: str
    worked_from: date
    worked_to: date
    hundredths: int

    @property
    def days(self) -> int:
        return (self.worked_to - self.worked_from).days + 1

    @property
    def key(self) -> tuple[str, date, date, int]:
        """What two lines of the same hours have in common."""
        return " ".join(self.function.casefold().split()), self.worked_from, self.worked_to, self.hundredths


def rules_of(policy: Policy) -> OwnHours:
    """`Refused` 'hours-not-taken' where the own share is money."""
    if policy.own_hours is None:
        raise Refused("hours-not-taken", "In this scheme the own share is paid in money: hours do not count.", field="hours_hundredths")
    return policy.own_hours


def check_hours(hours: Hours, policy: Policy, opens_at: datetime | None, now: datetime, window: ExpenditureWindow | None) -> int:
    """What the hours come to, in minor units. Raises `Refused` with the first thing that is wrong with them as they are saved."""
    rules = rules_of(policy)
    zone = ZoneInfo(policy.zone)
    if hours.worked_to < hours.worked_from:
        raise Refused("hours-end-before-begin", "The last day of the work is before the first.", field="worked_to")
    if hours.worked_to > now.astimezone(zone).date():
        raise Refused("evidence-in-future", "A document is dated in the future.", field="worked_to")
    opened_on = date.min if opens_at is None else opens_at.astimezone(zone).date()
    if hours.worked_from < opened_on:
        raise Refused(
            "evidence-too-old", "A document is dated before {opened_on}, when the call opened.", field="worked_from", opened_on=opened_on
        )
    for field, day in (("worked_from", hours.worked_from), ("worked_to", hours.worked_to)):
        check_days(window, {DELIVERED: day}, {DELIVERED: field})
    most = hours.days * rules.most_a_day_hundredths // HUNDREDTHS
    if hours.hundredths > hours.days * rules.most_a_day_hundredths:
        raise Refused(
            "hours-above-days", "One person works at most {most} hours in these days. Give each person a line.", field="hours_hundredths",
            most=most,
        )  # fmt: skip
    value = rules.value_of(hours.hundredths)
    if value == 0:
        raise Refused("hours-too-few", "These hours come to nothing.", field="hours_hundredths")
    return value


def check_hours_fit(mine: Hours, others: Iterable[Hours]) -> None:
    """`Conflict` 'hours-repeated': the same function, days and hours stand at another line."""
    if mine.key in {one.key for one in others}:
        raise Conflict(
            "hours-repeated",
            "Another line has this function, these days and hours. If they are of another person, name the functions apart.",
            field="function",
        )


def counted_minor(money: Money, hours: Money, policy: Policy, intensity_bp: int) -> int:
    """What of the hours counts beside the expenditure in money. What does not count here may be claimed with later invoices."""
    return min(hours.minor, policy.own_hours.most_beside(money.minor, intensity_bp)) if policy.own_hours else 0
