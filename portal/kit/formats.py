"""Money, dates and numbers as people of a language write them."""

import re
import unicodedata
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from portal.kit.texts import text, texts
from shared.kernel.money import Money, OtherCurrency, without_sign
from shared.texts.formats import KEPT, LOCALES, day, last_moment, moment, money

__all__ = [
    "account_number",
    "amount",
    "amount_fault",
    "day",
    "day_in",
    "deviation",
    "file_size",
    "hours",
    "hundredths_of",
    "last_moment",
    "left",
    "minor_of",
    "moment",
    "money",
    "number",
    "percent",
    "points",
    "scored",
    "short_moment",
    "two_places",
    "units",
    "whole_of",
]
LARGEST_MINOR = 10**13
"""What the APIs take."""
LONGEST = 25
"""Characters of a number that somebody means."""
_DIGITS = r"(\d+|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?:,\d{3})+)"
_WHOLE = re.compile(_DIGITS, re.ASCII)
_AMOUNT_PARTS = re.compile(_DIGITS + r"(?:[.,](\d{1,2}|[-–—]))?", re.ASCII)
_UNITS: dict[int, Literal["day", "hour", "minute"]] = {86_400: "day", 3_600: "hour", 60: "minute"}

_TWO_DECIMALS = re.compile(r"(\d+)(?:[.,](\d{1,2}))?", re.ASCII)


def amount(minor: int, currency: str, language: str) -> str:
    """For a field whose currency stands beside it: '12.500,50', and '12.500' without parts of a unit."""
    value = Decimal(Money(minor, currency).decimal())
    return format_decimal(value, "#,##0" if value == value.to_integral_value() else "#,##0.00", locale=language)


def minor_of(typed: str, currency: str) -> int:
    """Minor units of an amount as people of any of the languages type it: blanks, points or commas between thousands, and a comma or a
    point before one or two last digits, or before a dash, with or without the sign of the currency. ValueError when it is none, or more
    than the APIs take; `OtherCurrency` with the sign of another one."""
    plain = without_sign(_joined(typed), currency)
    found = _AMOUNT_PARTS.fullmatch(plain)
    if found is None or len(plain) > LONGEST:
        raise ValueError(f"not an amount: {typed!r}")
    whole, part = found.groups()
    minor = Money.parse(f"{re.sub('[.,]', '', whole)}.{(part or '').strip('-–—') or 0}", currency).minor
    if minor > LARGEST_MINOR:
        raise ValueError(f"too large an amount: {typed!r}")
    return minor


def amount_fault(error: ValueError, language: str, otherwise: str) -> str:
    """What to say of a text that `minor_of` did not take; `otherwise` where its currency is not the reason."""
    if isinstance(error, OtherCurrency):
        return text(language, "Enter the amount in %(currency)s, without the sign of another currency") % {"currency": error.currency}
    return text(language, otherwise)


def whole_of(typed: str) -> int:
    """A whole number, also with blanks, points or commas between thousands. ValueError when it is none."""
    plain = _joined(typed)
    if not _WHOLE.fullmatch(plain) or len(plain) > LONGEST:
        raise ValueError(f"not a whole number: {typed!r}")
    return int(re.sub("[.,]", "", plain))


def hundredths_of(typed: str) -> int:
    """Hundredths of a number with at most two decimals after a point or a comma, '9,5'. ValueError when it is none."""
    found = _TWO_DECIMALS.fullmatch(_joined(typed))
    if found is None or len(typed) > LONGEST:
        raise ValueError(f"not a number with two decimals: {typed!r}")
    return int(found[1] + (found[2] or "").ljust(2, "0"))


def number(value: Decimal, language: str) -> str:
    """For a field: '12,5', without anything between thousands."""
    return format_decimal(value, "0.########", locale=language)


def hours(hundredths: int, language: str) -> str:
    """'37.5' of 3750, without anything between thousands."""
    return number(Decimal(hundredths) / 100, language)


def _joined(typed: str) -> str:
    """Without blanks, and without the apostrophes that some put between thousands; full-width digits as ASCII."""
    return re.sub("['’]", "", "".join(unicodedata.normalize("NFKC", typed).split()))


def day_in(instant: datetime, zone: str, language: str) -> str:
    """The day of an instant in `zone`; of a midnight that ends a day, that day."""
    return day((instant - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date(), language)


@lru_cache(KEPT)
def short_moment(instant: datetime, zone: str, language: str) -> str:
    """'Thu 30 Apr 2026, 17:00 CEST', for a column of a list."""
    local = instant.astimezone(ZoneInfo(zone))
    on = format_skeleton("yMMMEd", local, locale=LOCALES.get(language, language))
    return f"{on}, {format_time(local, 'HH:mm', locale=language)} {local.tzname()}"


def left(end: datetime, now: datetime, language: str) -> str:
    """'12 days', '3 hours', '5 minutes': rounded down, so that nobody comes too late."""
    seconds = max(0, int((end - now).total_seconds()))
    unit = next(size for size in (86_400, 3_600, 60) if seconds >= 2 * size or size == 60)
    return format_timedelta(timedelta(seconds=seconds // unit * unit), granularity=_UNITS[unit], threshold=1e9, locale=language)


def account_number(number: str, language: str) -> str:
    """An account as banks print it: an IBAN in groups of four, of a Danish number the registration number apart."""
    if not number[:2].isalpha():
        return f"{number[:4]} {number[4:]}"
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def file_size(count: int, language: str) -> str:
    """'120 kB', '1,5 MB', of 1,024 and 1,048,576 bytes."""
    if count < 1_048_576:
        return f"{format_decimal(-(-count // 1_024), locale=language)}\u00a0kB"
    return f"{format_decimal((Decimal(count) / 1_048_576).quantize(Decimal('0.1')), '#,##0.#', locale=language)}\u00a0MB"


def points(hundredths: int, language: str) -> str:
    """'72,5' of hundredths of a point."""
    return number(Decimal(hundredths) / 100, language)


def scored(hundredths: int, language: str) -> str:
    """'72,50' of hundredths of a point, for a column of points."""
    return two_places(Decimal(hundredths) / 100, language)


def two_places(value: Decimal | float, language: str) -> str:
    """'0,85' of a coefficient."""
    return format_decimal(value, "0.00", locale=language)


def deviation(value: float, language: str) -> str:
    """'+0,85' or '-0,85' of a coefficient that lies on both sides of zero."""
    return format_decimal(value, "+0.00;-0.00", locale=language)


def percent(basis_points: int, language: str) -> str:
    """'80 %'."""
    return format_percent(Decimal(basis_points) / 10_000, "#,##0.##\u00a0%", locale=language)


def unit_name(unit: str, language: str) -> str:
    return text(language, "Places") if unit == "places" else text(language, "Minutes")


def units(count: int, unit: str, language: str) -> str:
    """What is no money: '3 places', '12 hours', '1 hour 15 minutes'. `unit`: places or minutes."""
    if unit == "places":
        return texts(language, "%(num)s place", "%(num)s places", count) % {"num": count}
    hours, minutes = divmod(count, 60)
    parts = [texts(language, "%(num)s hour", "%(num)s hours", hours) % {"num": hours}] if hours else []
    if minutes or not hours:
        parts.append(texts(language, "%(num)s minute", "%(num)s minutes", minutes) % {"num": minutes})
    return " ".join(parts)
