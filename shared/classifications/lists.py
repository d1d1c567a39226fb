"""The lists, read once."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

ENGLISH = "en"


class Scheme(StrEnum):
    NUTS = "nuts"
    NACE = "nace"


CURRENT: Mapping[Scheme, tuple[str, ...]] = {Scheme.NUTS: ("2024",), Scheme.NACE: ("2.1", "2")}
"""Editions whose codes are taken, the preferred one first. NUTS 2024 holds from 1 January 2024, NACE Rev. 2.1 from 1 January 2025."""
_GREECE = {"EL": "GR"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A code of the list. `editions`: those that have it. `names` by language; a region has one name, under '', in the languages of its
    country. `latin`: the name in Latin letters where it has others."""

    scheme: Scheme
    code: str
    editions: tuple[str, ...]
    names: Mapping[str, str]
    latin: str = ""

    @property
    def country(self) -> str:
        """ISO 3166 code of a region's country; none of an activity."""
        return _GREECE.get(self.code[:2], self.code[:2]) if self.scheme is Scheme.NUTS else ""

    @property
    def is_lowest(self) -> bool:
        """A region of level 3, a class of activities."""
        return len(self.code) == 5

    def name(self, language: str) -> str:
        """In the language, else in English, else in the languages of the country."""
        return self.names.get(language) or self.names.get(ENGLISH) or self.names[""]


@cache
def entries(scheme: Scheme) -> Mapping[str, Entry]:
    """Every entry of every edition by its code, in the order of the codes."""
    found = dict(_nuts() if scheme is Scheme.NUTS else _nace())
    return dict(sorted(found.items()))


def entry_of(scheme: Scheme, code: str) -> Entry | None:
    """`code` in canonical form."""
    return entries(scheme).get(code)


def edition_of(entry: Entry) -> str | None:
    """The preferred edition in which a code is taken; None for one of former editions."""
    return next((edition for edition in CURRENT[entry.scheme] if edition in entry.editions), None)


def is_valid(scheme: Scheme, code: str, edition: str | None = None, country: str | None = None) -> bool:
    """Whether the code is one of `edition`, or of one that is taken, and of the country (ISO 3166), when one is given."""
    entry = entry_of(scheme, code)
    if entry is None or (country and entry.country not in ("", country)):
        return False
    return edition in entry.editions if edition else edition_of(entry) is not None


def name_of(scheme: Scheme, code: str, language: str) -> str | None:
    """The name of a code of any edition."""
    entry = entry_of(scheme, code)
    return entry.name(language) if entry else None


def _nuts() -> Iterator[tuple[str, Entry]]:
    for row in _rows("nuts.csv"):
        yield row["code"], Entry(Scheme.NUTS, row["code"], tuple(row["editions"].split()), {"": row["name"]}, row["latin"])


def _nace() -> Iterator[tuple[str, Entry]]:
    """The names of a code that both revisions have are those of the newer one."""
    newer = {row["code"]: row for row in _rows("nace-2.1.csv")}
    older = {row["code"]: row for row in _rows("nace-2.csv")}
    for code in {**older, **newer}:
        names = {language: name for language, name in (newer.get(code) or older[code]).items() if language != "code"}
        editions = tuple(edition for edition, known in (("2.1", newer), ("2", older)) if code in known)
        yield code, Entry(Scheme.NACE, code, editions, names)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with files("shared.classifications").joinpath(name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)
