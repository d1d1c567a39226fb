"""Which round of a rolling call takes over what an earlier one leaves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RoundWindow:
    """`closed`: the number of its applications is final."""

    number: int
    opens_at: datetime
    closes_at: datetime
    closed: bool


def next_open_round(rounds: Iterable[RoundWindow], after: int, now: datetime) -> int | None:
    """The number of the first round after `after` that takes applications now. None when all are over."""
    later = [one.number for one in rounds if one.number > after and one.opens_at <= now < one.closes_at and not one.closed]
    return min(later, default=None)
