"""Finding an entry by a code or by words, as people type them."""

import unicodedata
from collections.abc import Iterator
from functools import cache

from shared.classifications.codes import canonical
from shared.classifications.editions import former_region
from shared.classifications.lists import CURRENT, ENGLISH, Entry, Scheme, edition_of, entries

STEM = 5
"""Letters of a word that count when no name has the whole word: languages bend their words at the end."""
LONGEST = 80


def search(scheme: Scheme, text: str, language: str, country: str | None = None, most: int = 20) -> list[Entry]:
    """Regions of level 3 or classes of activities, of editions that are taken: those whose code begins so, else those whose name has all
    the words, in the language, in English or in Latin letters; last those whose name has their beginnings. Case and accents do not
    matter. `country` (ISO 3166) keeps to its regions."""
    words = _plain(text[:LONGEST]).split()
    if not words:
        return []
    open_to_choice = [one for one in entries(scheme).values() if one.is_lowest and edition_of(one) and country in (None, "", one.country)]
    code = canonical(scheme, text)
    former = former_region(code) if scheme is Scheme.NUTS else None
    for found in (
        [one for one in open_to_choice if former and one.code in former.current],
        [one for one in open_to_choice if one.code.startswith(code)],
        list(_named(open_to_choice, words, language)),
        list(_named(open_to_choice, [word[:STEM] for word in words], language)),
    ):
        if found:
            return sorted(found, key=lambda one: _rank(one, words[0], language))[:most]
    return []


def _rank(entry: Entry, word: str, language: str) -> tuple[bool, bool, str]:
    """Of the preferred edition first, then with a name that begins so."""
    begins = any(_plain(name).startswith(word[:STEM]) for name in (entry.name(language), entry.names.get(ENGLISH, ""), entry.latin))
    return edition_of(entry) != CURRENT[entry.scheme][0], not begins, entry.code


def _named(among: list[Entry], words: list[str], language: str) -> Iterator[Entry]:
    for entry in among:
        names = _names_of(entry.scheme, entry.code, language)
        if all(f" {word}" in names for word in words):
            yield entry


@cache
def _names_of(scheme: Scheme, code: str, language: str) -> str:
    """All names that count, each word after a blank."""
    entry = entries(scheme)[code]
    return " " + " ".join(_plain(name) for name in (entry.name(language), entry.names.get(ENGLISH, ""), entry.latin))


def _plain(text: str) -> str:
    """Without case, accents and marks between words."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    return "".join(one if one.isalnum() else " " for one in bare.replace("ł", "l").replace("ø", "o").replace("đ", "d").replace("æ", "ae"))
