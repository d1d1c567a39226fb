"""Holiday tables, computed once per country and year.

The language is always passed: without it the environment of the process decides which names, and for some countries which
entries, come back.

Of the countries and years of the programme the table is a file, `holidays.csv`, as the package `holidays` 0.109 had it: a release of the
package that knows better changes no term that was counted. What is announced at short notice is `days-off.toml` of a region.
"""

import csv
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files

import holidays

LANGUAGE = "en_US"


@cache
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of a country (ISO 3166 alpha-2) in one year. NotImplementedError for an unknown country."""
    return _kept().get((country, year)) or computed_holidays(country, year)


def computed_holidays(country: str, year: int) -> frozenset[date]:
    """The same by the rules of the package, whatever the file has."""
    return frozenset(holidays.country_holidays(country, years=year, language=LANGUAGE))


@cache
def _kept() -> Mapping[tuple[str, int], frozenset[date]]:
    found: dict[tuple[str, int], set[date]] = {}
    with files("shared.calendars").joinpath("holidays.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["day"])
            found.setdefault((row["country"], day.year), set()).add(day)
    return {key: frozenset(days) for key, days in found.items()}


@cache
def target_closing_days(year: int) -> frozenset[date]:
    """The days on which TARGET, and with it every payment in euro, is closed (besides weekends)."""
    return frozenset(holidays.financial_holidays("ECB", years=year, language=LANGUAGE))
