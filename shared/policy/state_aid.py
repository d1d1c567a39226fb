"""The arithmetic of the ceiling of de minimis aid, the one place for all services (Regulation (EU) 2023/2831, article 3(2)): which aid lies
in the years that count, and what is in a list already."""

from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import date
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


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


def unlisted(aid: Iterable[Key], listed: Iterable[Key]) -> Counter[Key]:
    """How often each aid stands there and not in the other list. A key is what two lists have of one aid: its day, amount and currency."""
    return Counter(aid) - Counter(listed)


def union(lists: Iterable[Iterable[Key]]) -> Counter[Key]:
    """Aid that several declarations list: each as often as the one that lists it most often."""
    merged: Counter[Key] = Counter()
    for one in lists:
        merged |= Counter(one)
    return merged
