"""The rate of a month, as Interreg converts expenditure, derived from the ECB's series; and an amount in EUR by it.

Source: the Commission's monthly rate (InforEuro) equals the ECB's rate of the last but one working day of the month before.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from shared.calendars.banks import is_bank_day
from shared.kernel.errors import Conflict
from shared.kernel.money import MINOR_DIGITS, Money

EURO = "EUR"


@dataclass(frozen=True, slots=True)
class MonthlyRate:
    """`per_euro`: units of the currency for one euro. `day` is that of the ECB's rate. `derived`: not read from the publication."""

    currency: str
    month: date
    day: date
    per_euro: Decimal
    derived: bool = True

    @property
    def id(self) -> str:
        """Names currency, month and source: 'derived-PLN-2026-03'."""
        return f"{'derived' if self.derived else 'fixed'}-{self.currency}-{self.month:%Y-%m}"


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def deriving_day(month: date) -> date:
    """The last but one TARGET day of the month before."""
    day, left = first_of_month(month), 2
    while left:
        day -= timedelta(days=1)
        left -= is_bank_day(day, EURO)
    return day


def monthly_rate(currency: str, month: date, published: Decimal | None) -> MonthlyRate | None:
    """`published`: the ECB's rate of `deriving_day`; None while there is none. One euro is one euro in every month."""
    month = first_of_month(month)
    if currency == EURO:
        return MonthlyRate(EURO, month, month, Decimal(1), derived=False)
    return None if published is None else MonthlyRate(currency, month, deriving_day(month), published)


def in_euro(amount: Money, rate: MonthlyRate) -> int:
    """In euro cents, half a cent upwards. ValueError for a rate of another currency."""
    if amount.currency != rate.currency:
        raise ValueError(f"a rate of {rate.currency} for {amount.currency}")
    return euro_cents(amount, rate.per_euro)


def euro_cents(amount: Money, per_euro: Decimal) -> int:
    """The amount in euro cents at so many units of its currency for one euro, half a cent upwards."""
    units, euros = per_euro.as_integer_ratio()
    digits: dict[str, int] = {currency: 10**count for currency, count in MINOR_DIGITS.items()}
    cents, parts = euros * digits[EURO], units * digits[amount.currency]
    return (2 * amount.minor * cents + parts) // (2 * parts)


def require_rate(rate: MonthlyRate | None, currency: str, month: date) -> MonthlyRate:
    """`Conflict` 'rate-not-published'."""
    if rate is None:
        raise Conflict(
            "rate-not-published", "The rate of {currency} for the month of {month} is not known yet. Try again when it is published.",
            currency=currency, month=first_of_month(month),
        )  # fmt: skip
    return rate
