"""Holiday tables, computed once per country and year.

The language is always passed: without it the environment of the process decides which names, and for some countries which
entries, come back.

Of the countries and years of the programme the table is a file, which is an edition of `editions.toml`: the first one is as the package
`holidays` 0.109 had it. A release of the package that knows better changes no term that was counted. What is announced at short notice is
`days-off.toml` of a region.
"""

import csv
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import holidays

LANGUAGE = "en_US"
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Edition:
    """A table of holidays. Terms that begin on `first_day` or later, until the next edition, are counted by it."""

    id: str
    file: str
    first_day: date
    title: str
    source: str


@cache
def editions() -> tuple[Edition, ...]:
    """The oldest first."""
    known = tomllib.loads(files("shared.calendars").joinpath("editions.toml").read_text(encoding="utf-8"))
    return tuple(sorted((Edition(**one) for one in known["editions"]), key=lambda one: one.first_day))


def edition_on(day: date) -> str:
    """The id of the edition by which terms are counted that begin on the day; of days before all of them the first one."""
    return next((one.id for one in reversed(editions()) if one.first_day <= day), editions()[0].id)


@cache
def public_holidays(country: str, year: int, edition: str = "") -> frozenset[date]:
    """The public holidays of a country (ISO 3166 alpha-2) in one year, by an edition ('': the newest). NotImplementedError for an unknown
    country."""
    return _kept(edition or editions()[-1].id).get((country, year)) or computed_holidays(country, year)


@cache
def table_hash(country: str, edition: str, more: tuple[str, ...]) -> str:
    """SHA-256, first 12 hex digits, over the country's days of the edition in order and `more`, one a line."""
    days = sorted(day for (of, _), found in _kept(edition).items() if of == country for day in found)
    return hashlib.sha256("\n".join([*(day.isoformat() for day in days), *more]).encode()).hexdigest()[:_DIGITS]


def computed_holidays(country: str, year: int) -> frozenset[date]:
    """The same by the rules of the package, whatever the file has."""
    return frozenset(holidays.country_holidays(country, years=year, language=LANGUAGE))


@cache
def _kept(edition: str) -> Mapping[tuple[str, int], frozenset[date]]:
    """StopIteration for an unknown edition."""
    found: dict[tuple[str, int], set[date]] = {}
    name = next(one.file for one in editions() if one.id == edition)
    with files("shared.calendars").joinpath(name).open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["day"])
            found.setdefault((row["country"], day.year), set()).add(day)
    return {key: frozenset(days) for key, days in found.items()}


@cache
def target_closing_days(year: int) -> frozenset[date]:
    """The days on which TARGET, and with it every payment in euro, is closed (besides weekends)."""
    return frozenset(holidays.financial_holidays("ECB", years=year, language=LANGUAGE))
