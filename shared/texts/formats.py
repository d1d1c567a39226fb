"""Money and instants as people of a language write them."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_currency

from shared.kernel.money import Money

KEPT = 2_000
"""How many days and moments are remembered as they were written: a page writes one many times, and that costs more than the row around."""
LOCALES = {"en": "en_IE"}
"""English as in Europe: day before month."""
_LETTER_BEFORE_DIGIT = re.compile(r"[A-Z](?=\d)")


@lru_cache(KEPT)
def money(minor: int, currency: str, language: str) -> str:
    """'€ 12.500,50'; a whole amount without parts of a unit: '€ 12.500'. Letters are kept apart from digits: 'DKK 12,500' (CLDR, currency
    spacing, which Babel leaves out)."""
    value = Decimal(Money(minor, currency).decimal())
    pattern = Locale.parse(language).currency_formats["standard"].pattern
    whole = pattern.replace(".00", "") if value == value.to_integral_value() else pattern
    return _LETTER_BEFORE_DIGIT.sub("\\g<0>\xa0", format_currency(value, currency, whole, locale=language, currency_digits=False))


@lru_cache(KEPT)
def day(value: date, language: str) -> str:
    """'Thursday 30 April 2026'."""
    return format_date(value, "full", locale=LOCALES.get(language, language))


@lru_cache(KEPT)
def moment(instant: datetime, zone: str, language: str) -> str:
    """'Thursday 30 April 2026, 17:00 (Central European Summer Time)', in the wall time of `zone`."""
    local = instant.astimezone(ZoneInfo(zone))
    name = get_timezone_name(local, locale=language)
    return f"{day(local.date(), language)}, {format_time(local, 'HH:mm', locale=language)} ({name})"


def last_moment(end: datetime, zone: str, language: str) -> str:
    """The last minute before `end`, at which one may still act."""
    return moment(end - timedelta(minutes=1), zone, language)
