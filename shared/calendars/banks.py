"""The days on which a currency can be paid: TARGET for EUR, the Danish and Polish bank days for DKK and PLN."""

from datetime import date, timedelta

from shared.calendars.region import SATURDAY
from shared.calendars.tables import public_holidays, target_closing_days

_FRIDAY = 4
_DANISH_CLOSING_DAYS = {(6, 5), (12, 24), (12, 31)}
"""Danish banks are also closed on Constitution Day, Christmas Eve and New Year's Eve, which are not public holidays."""


def is_bank_day(day: date, currency: str) -> bool:
    """Whether payments in the currency are executed on this day. ValueError for a currency without a calendar."""
    if currency not in _CLOSED:
        raise ValueError(f"no bank calendar for {currency!r}")
    return day.weekday() < SATURDAY and not _CLOSED[currency](day)


def next_bank_day(day: date, currency: str) -> date:
    """The first bank day on or after `day`: the execution date of what is ready on `day`."""
    while not is_bank_day(day, currency):
        day += timedelta(days=1)
    return day


def _target_closed(day: date) -> bool:
    return day in target_closing_days(day.year)


def _danish_banks_closed(day: date) -> bool:
    return day in public_holidays("DK", day.year) or (day.month, day.day) in _DANISH_CLOSING_DAYS or _is_ascension_friday(day)


def _is_ascension_friday(day: date) -> bool:
    """Danish banks are closed on the Friday after Ascension Day, the one public holiday that is a Thursday of spring after Easter."""
    return day.month in (5, 6) and day.weekday() == _FRIDAY and day - timedelta(days=1) in public_holidays("DK", day.year)


def _polish_banks_closed(day: date) -> bool:
    return day in public_holidays("PL", day.year)


_CLOSED = {"EUR": _target_closed, "DKK": _danish_banks_closed, "PLN": _polish_banks_closed}
