"""Renders a message and its facts in the language of a reader."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from shared.kernel.countries import Country, country_name
from shared.kernel.errors import last_minute, render_english
from shared.kernel.money import Money
from shared.texts.catalogues import WORD, translations

WORD_FACTS = frozenset({"state", "kind", "wanted", "reason", "event", "permission", "decision", "outcome", "missing", "earlier"})
"""Facts whose values are words of a closed vocabulary, shown translated. Any other text is a value of the API or an input: it stays."""


def translate(message: str, facts: Mapping[str, Any], language: str, zone: str | None = None) -> str:
    """`message` in `language`, with the values of `facts` in the forms of that language.

    An instant is shown in the wall time of `zone` (of the fact 'zone' when it is None; UTC without either). A message without
    a translation is rendered in English. English is exactly `Refused.detail`.
    """
    zone = zone or facts.get("zone")
    translated = translations(language).get(message)
    if translated is None:
        return render_english(message, {**facts, "zone": zone})
    return translated.format_map({name: _format(name, last_minute(name, value, zone), language, zone) for name, value in facts.items()})


def say(language: str, text: str, **facts: Any) -> str:
    """A text of a document. `python -m tools.errors` finds it by the name of this function."""
    return translate(text, facts, language)


def _format(name: str, value: Any, language: str, zone: str | None) -> str:
    if isinstance(value, Country):
        return country_name(value, language)
    if isinstance(value, Money):
        return format_currency(Decimal(value.decimal()), value.currency, locale=language)
    if isinstance(value, datetime):
        local = value.astimezone(ZoneInfo(zone or "UTC"))  # no weekday: a sentence would have to bend it
        return f"{format_date(local, 'long', locale=language)} {format_time(local, 'HH:mm z', locale=language)}"
    if isinstance(value, date):
        return format_date(value, "long", locale=language)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return format_decimal(value, locale=language)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(_format(name, one, language, zone) for one in value)
    if name in WORD_FACTS:
        return translations(language, WORD).get(str(value), str(value))
    return str(value)
