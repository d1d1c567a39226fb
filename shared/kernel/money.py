"""Money: integer minor units and an ISO 4217 code. There is no float here and no conversion of currencies."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import total_ordering

MINOR_DIGITS = {"EUR": 2, "PLN": 2, "DKK": 2}
"""Digits after the point of each currency that the programme pays in (ISO 4217)."""

_SIGNS = {"€": "EUR", "euro": "EUR", "zł": "PLN", "zl": "PLN", "kr": "DKK", "kr.": "DKK"}
_SIGN = r"(€|[$£¥]|euro|zł|zl|kr\.|kr|kn|[a-z]{3})"
_SIGNED = re.compile(rf"{_SIGN}?\s*([^\w\s]?\d(?:.*[\d\-–—])?)\s*{_SIGN}?", re.IGNORECASE)

BASIS = 10_000
"""Shares are basis points: 10,000 is the whole, 8,000 is 80 %."""


class Rounding(StrEnum):
    """Where the part of a minor unit goes. DOWN is for aid (never above the intensity), UP for an own contribution."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half-up"


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount. `minor` is cents, grosze or øre and may be negative (a posting); `currency` is one of `MINOR_DIGITS`.

    Mixing currencies raises ValueError: that is a defect, not an input error.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in MINOR_DIGITS:
            raise ValueError(f"unknown currency {self.currency!r}")
        if type(self.minor) is not int:
            raise ValueError(f"minor units are an int, not {type(self.minor).__name__}")

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """From a decimal string such as '1234.50'. ValueError when it is not one or holds parts of a minor unit."""
        try:
            scaled = Decimal(text.strip()).scaleb(MINOR_DIGITS[currency])
        except (InvalidOperation, KeyError) as error:
            raise ValueError(f"not an amount in {currency}: {text!r}") from error
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise ValueError(f"not a whole number of minor units in {currency}: {text!r}")
        return cls(int(scaled), currency)

    def decimal(self) -> str:
        """'1234.50': point, no grouping, as ISO 20022 and JSON want it."""
        digits = MINOR_DIGITS[self.currency]
        sign, whole = ("-" if self.minor < 0 else ""), abs(self.minor)
        return f"{sign}{whole // 10**digits}.{whole % 10**digits:0{digits}d}"

    def __str__(self) -> str:
        return f"{self.decimal()} {self.currency}"

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
        return other.minor

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def share(self, basis_points: int, rounding: Rounding = Rounding.DOWN) -> "Money":
        """`basis_points` / 10,000 of a non-negative amount, rounded as said; exact integer arithmetic."""
        if self.minor < 0 or basis_points < 0:
            raise ValueError("a share is taken of a non-negative amount")
        whole, rest = divmod(self.minor * basis_points, BASIS)
        up = rest > 0 if rounding is Rounding.UP else rest * 2 >= BASIS if rounding is Rounding.HALF_UP else False
        return Money(whole + up, self.currency)

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Parts in proportion to non-negative weights that add up to exactly this amount.

        The minor units left by rounding down go to the largest remainders, the earlier part first.
        """
        total = sum(weights)
        if self.minor < 0 or total <= 0 or min(weights) < 0:
            raise ValueError("a non-negative amount is split by non-negative weights with a positive sum")
        parts = [divmod(self.minor * weight, total) for weight in weights]
        left = self.minor - sum(whole for whole, _ in parts)
        first = sorted(range(len(parts)), key=lambda i: (-parts[i][1], i))[:left]
        return [Money(whole + (i in first), self.currency) for i, (whole, _) in enumerate(parts)]


class OtherCurrency(ValueError):
    """An amount with the sign or the code of another currency than `currency`."""

    def __init__(self, text: str, currency: str) -> None:
        super().__init__(f"not an amount in {currency}: {text!r}")
        self.currency = currency


def without_sign(text: str, currency: str | None = None) -> str:
    """The text of an amount without the sign or the code of its currency before or after it: '1.234,56' of '1.234,56 zł', 'PLN 1.234,56'.
    Any other text comes back as it is. `OtherCurrency` where the sign is not that of `currency`, if one is given."""
    found = _SIGNED.fullmatch(text.strip())
    if found is None:
        return text
    before, plain, after = found.groups()
    signs = {_SIGNS.get(sign.lower(), sign.upper()) for sign in (before, after) if sign}
    if currency is not None and not signs <= {currency}:
        raise OtherCurrency(text, currency)
    return plain


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum; zero of `currency` when there is nothing to add."""
    return sum(amounts, Money.zero(currency))
