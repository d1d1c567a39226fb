"""Choosing a code of a list: a person types a code or words, and chooses among what fits. Works with and without a script.

A field shows code and name, 'HR063 Koprivničko-križevačka županija'. Where neither was found, the page comes back with a list to choose
from: the choice is sent as '<field>:picked', and '<field>:searched' says for which text the list was.
"""

from collections.abc import Callable
from dataclasses import dataclass

from shared.classifications import Entry, Scheme, canonical, edition_of, entries, is_valid, name_of, search

PICKED, SEARCHED = ":picked", ":searched"
LOWEST = 5
"""Characters of a code of the lowest level, which is taken with its name behind it: '10 people' is no code."""
LABELS = {Scheme.NUTS: "NUTS", Scheme.NACE: "NACE Rev."}


@dataclass(frozen=True, slots=True)
class Hit:
    """What can be chosen: the code, what the field shows once it is chosen, and the edition of the list."""

    code: str
    shown: str
    edition: str


def shown(scheme: Scheme, code: str, language: str) -> str:
    """Code and name; a code that the list does not have stands alone."""
    return " ".join(filter(None, (code, name_of(scheme, code, language))))


def code_in(scheme: Scheme, field: str, get: Callable[[str], str]) -> str | None:
    """The code that was chosen or typed; None when what was typed is none. `get`: name of a field → what was sent."""
    typed = get(field)
    picked = get(field + PICKED)
    if picked and get(field + SEARCHED) == typed and is_valid(scheme, picked):
        return picked
    if is_valid(scheme, code := canonical(scheme, typed)):
        return code
    if len(code := canonical(scheme, typed.split(" ")[0])) == LOWEST and is_valid(scheme, code):
        return code
    return _named(scheme, typed)


def hits(scheme: Scheme, text: str, language: str, country: str | None = None) -> list[Hit]:
    """What fits a text. `country` (ISO 3166) keeps to its regions, if it has any."""
    return [_hit(entry, language) for entry in search(scheme, text, language, country) or search(scheme, text, language)]


def _hit(entry: Entry, language: str) -> Hit:
    return Hit(entry.code, shown(entry.scheme, entry.code, language), f"{LABELS[entry.scheme]} {edition_of(entry)}")


def _named(scheme: Scheme, text: str) -> str | None:
    """The region whose name this is: a name in the languages of its country, which no other one has."""
    if scheme is Scheme.NACE or not text:
        return None
    found = [one for one in entries(scheme).values() if one.is_lowest and edition_of(one) and text in (one.names[""], one.latin)]
    return found[0].code if len(found) == 1 else None
