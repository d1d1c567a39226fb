"""What a code of one edition is in another: NUTS of 2013, 2016 and 2021 in NUTS 2024, NACE Rev. 2 in NACE Rev. 2.1 and back."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from shared.classifications.lists import Scheme, entry_of

NEWER, OLDER = "2.1", "2"
"""Revisions of NACE that are taken."""


@dataclass(frozen=True, slots=True)
class FormerRegion:
    """A code that NUTS 2024 does not have. `edition`: the last one that had it; `current`: the codes of 2024 of what it was, none where it
    was divided."""

    code: str
    edition: str
    name: str
    current: tuple[str, ...]


def former_region(code: str) -> FormerRegion | None:
    """`code` in canonical form; None for one of NUTS 2024, and for what never was one."""
    return _former().get(code)


def revisions_of(code: str) -> tuple[str, ...]:
    """The revisions of NACE that have the code, the newer one first."""
    entry = entry_of(Scheme.NACE, code)
    return entry.editions if entry else ()


def has_two_meanings(code: str) -> bool:
    """True of a class that both revisions have, for different activities: '58.12' is directories in Rev. 2 and newspapers in Rev. 2.1."""
    return len(revisions_of(code)) > 1 and len(code) == _CLASS and code not in _pairs(OLDER).get(code, ())


def activities_in(revision: str, code: str, stated: str | None = None) -> tuple[str, ...]:
    """What a code is in a revision of NACE, by the correspondence of Eurostat: itself where it is of this revision, else the classes that
    have a part of it. `stated`: the revision that was named; without it the one that has the code, of both the newer."""
    known = revisions_of(code)
    of = stated if stated in known else next(iter(known), revision)
    if of == revision:
        return (code,)
    pairs = _pairs(of)
    return tuple(dict.fromkeys(other for one, others in pairs.items() if one.startswith(code) for other in others)) or (code,)


_CLASS = 5
"""Characters of a class, '74.12'."""


@cache
def _pairs(revision: str) -> Mapping[str, tuple[str, ...]]:
    """Class of this revision → classes of the other one."""
    found: dict[str, tuple[str, ...]] = {}
    for row in _rows("nace-2-to-2.1.csv"):
        one, other = (row[OLDER], row[NEWER]) if revision == OLDER else (row[NEWER], row[OLDER])
        found[one] = (*found.get(one, ()), other)
    return found


@cache
def _former() -> Mapping[str, FormerRegion]:
    found = (FormerRegion(row["code"], row["edition"], row["name"], tuple(row["current"].split())) for row in _rows("nuts-former.csv"))
    return {one.code: one for one in found}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with files("shared.classifications").joinpath(name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)
