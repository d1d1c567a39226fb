"""The size class of a firm together with its related firms (Recommendation 2003/361/EC, Annex, articles 2, 3 and 6)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.applications.domain.form import Firm
from shared.kernel.money import BASIS

PARTNER_FROM_BP, LINKED_ABOVE_BP = 2_500, 5_000


class Size(StrEnum):
    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


_CEILINGS = ((Size.MICRO, 10, 2, 2), (Size.SMALL, 50, 10, 10), (Size.MEDIUM, 250, 50, 43))
"""Staff below; turnover and balance sheet at most, in millions of euros."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Staff (annual work units) and amounts with related firms counted in; None where the firm's own figure is missing."""

    staff: Decimal | int | None
    turnover_minor: int | None
    balance_minor: int | None


def figures_of(firm: Firm) -> Figures:
    """The sums. A linked firm counts in full, a partner firm by its share; parts of a unit are rounded up, of hundredths of a work unit
    parts of a hundredth."""
    weights = [_weight(other.share_bp) for other in firm.related]
    return Figures(
        _staff(firm, weights),
        _with_related(firm.turnover_minor, [other.turnover_minor for other in firm.related], weights),
        _with_related(firm.balance_minor, [other.balance_minor for other in firm.related], weights),
    )


def _staff(firm: Firm, weights: list[int]) -> Decimal | int | None:
    if firm.staff_hundredths is None:
        return _with_related(firm.staff, [other.staff or 0 for other in firm.related], weights)
    theirs = [(other.staff or 0) * 100 if other.staff_hundredths is None else other.staff_hundredths for other in firm.related]
    hundredths = _with_related(firm.staff_hundredths, theirs, weights)
    return None if hundredths is None else Decimal(hundredths) / 100


def size_of(figures: Figures, eur_rate: Decimal) -> Size | None:
    """The first class with staff below its ceiling and turnover or balance sheet within. None while a figure is missing.

    `eur_rate` is units of the currency for one euro.
    """
    staff, turnover, balance = figures.staff, figures.turnover_minor, figures.balance_minor
    if staff is None or turnover is None or balance is None:
        return None
    for size, staff_below, turnover_max, balance_max in _CEILINGS:
        million = 100_000_000 * eur_rate
        if staff < staff_below and (turnover <= turnover_max * million or balance <= balance_max * million):
            return size
    return Size.LARGE


def largest_accounts(staff: Decimal, eur_rate: Decimal) -> tuple[int, int]:
    """The largest turnover and balance sheet with which a firm of this staff is in the class of its staff; of the largest class without."""
    million = 100_000_000 * eur_rate
    of_class = next((one for one in _CEILINGS if staff < one[1]), _CEILINGS[-1])
    return int(of_class[2] * million), int(of_class[3] * million)


def _with_related(own: int | None, theirs: list[int], weights: list[int]) -> int | None:
    if own is None:
        return None
    return own + sum(-(-value * weight // BASIS) for value, weight in zip(theirs, weights, strict=True))


def _weight(share_bp: int) -> int:
    if share_bp > LINKED_ABOVE_BP:
        return BASIS
    return share_bp if share_bp >= PARTNER_FROM_BP else 0
