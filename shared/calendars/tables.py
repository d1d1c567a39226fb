"""Holiday tables, computed once per country and year.

The language is always passed: without it the environment of the process decides which names, and for some countries which
entries, come back.
"""

from datetime import date
from functools import cache

import holidays

LANGUAGE = "en_US"


@cache
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of a country (ISO 3166 alpha-2) in one year. NotImplementedError for an unknown country."""
    return frozenset(holidays.country_holidays(country, years=year, language=LANGUAGE))


@cache
def target_closing_days(year: int) -> frozenset[date]:
    """The days on which TARGET, and with it every payment in euro, is closed (besides weekends)."""
    return frozenset(holidays.financial_holidays("ECB", years=year, language=LANGUAGE))
