"""The ECB's rates, as the package that carries them has them."""

import asyncio
from datetime import date
from decimal import Decimal
from functools import cache

from currency_converter import CurrencyConverter, RateNotFoundError

from services.payments.domain.rates import EURO, MonthlyRate, deriving_day, monthly_rate


@cache
def _converter() -> CurrencyConverter:
    """Read once in a process, from the package's own file."""
    return CurrencyConverter(decimal=True)


def _published(currency: str, day: date) -> Decimal | None:
    """Units of the currency for one euro on the day; None where the ECB published none."""
    try:
        return Decimal(_converter().convert(Decimal(1), EURO, currency, date=day))
    except (RateNotFoundError, ValueError):
        return None


class Rates:
    """The monthly rates of one request, each looked up once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, date], MonthlyRate | None] = {}

    async def of(self, currency: str, day: date) -> MonthlyRate | None:
        """That of the month of the day; None while it is not published."""
        month = day.replace(day=1)
        if (currency, month) not in self._known:
            published = None if currency == EURO else await asyncio.to_thread(_published, currency, deriving_day(month))
            self._known[currency, month] = monthly_rate(currency, month, published)
        return self._known[currency, month]
