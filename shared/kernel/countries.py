"""Countries: people read their names, data has their codes."""

from babel import Locale

_AS_WRITTEN = {"EL": "GR", "UK": "GB", "XI": "GB"}
"""Greece is EL in VAT numbers and in NUTS, GR in ISO 3166; the United Kingdom is GB there, and Northern Ireland XI in VAT numbers."""


class Country(str):
    """The ISO 3166 code of a country as a fact of a message, which is shown by the country's name."""

    __slots__ = ()


def country_of(text: str) -> str:
    """The ISO 3166 code of a country code as people write it."""
    plain = text.strip().upper()
    return _AS_WRITTEN.get(plain, plain)


def country_name(code: str, language: str) -> str:
    """The name in the language ('HR' is 'Croatia'); the code itself where it is none."""
    return str(Locale.parse(language).territories.get(code, code))
