"""The arithmetic of the ceiling of de minimis aid, the one place for all services (Regulation (EU) 2023/2831, article 3(2)): which aid lies
in the years that count, and what is in a list already."""

from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import date
from typing import Protocol, TypeVar

Key = TypeVar("Key", bound=Hashable)
GENERAL = "2023/2831"
"""The regulation under which aid is granted where a policy names none."""


class Regulated(Protocol):
    """Rules of de minimis aid, as a policy has them."""

    @property
    def regulation(self) -> str | None: ...
    @property
    def counts_with(self) -> tuple[str, ...] | None: ...


def regulation_of(rules: Regulated) -> str:
    return rules.regulation or GENERAL


def regulations_counted(rules: Regulated) -> frozenset[str]:
    """Those whose aid counts against the ceiling of the rules."""
    return frozenset({regulation_of(rules), *(rules.counts_with or ())})


def years_before(day: date, years: int) -> date:
    """The same day of an earlier year; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def counts_on(granted_on: date, on: date, window_years: int) -> bool:
    """Whether aid granted on a day counts on the day `on`: the years roll day by day, and aid of 2 January 2024 does not count any more on
    2 January 2027."""
    return counts_from_to(granted_on, on, on, window_years)


def counts_from_to(granted_on: date, first: date, last: date, window_years: int) -> bool:
    """Whether it counts on any day from `first` to `last`."""
    return years_before(first, window_years) < granted_on <= last


def frees_on(granted_on: date, window_years: int) -> date:
    """The first day on which aid granted on a day does not count any more; of 29 February 1 March."""
    try:
        return granted_on.replace(year=granted_on.year + window_years)
    except ValueError:
        return date(granted_on.year + window_years, 3, 1)


def unlisted(aid: Iterable[Key], listed: Iterable[Key]) -> Counter[Key]:
    """How often each aid stands there and not in the other list. A key is what two lists have of one aid: its day, amount and currency."""
    return Counter(aid) - Counter(listed)


def union(lists: Iterable[Iterable[Key]]) -> Counter[Key]:
    """Aid that several declarations list: each as often as the one that lists it most often."""
    merged: Counter[Key] = Counter()
    for one in lists:
        merged |= Counter(one)
    return merged
