"""Names in the order of the reader's alphabet: PostgreSQL of the embedded stack knows none, and code points put Łódź after Zakopane."""

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from typing import TypeVar

from shared.texts.languages import ENGLISH

T = TypeVar("T")
_LATIN = "a b c d e f g h i j k l m n o p q r s t u v w x y z"
_ALPHABETS = {
    ENGLISH: _LATIN,
    "nl": _LATIN,
    "el": "α β γ δ ε ζ η θ ι κ λ μ ν ξ ο π ρ σ τ υ φ χ ψ ω",
    "pl": "a ą b c ć d e ę f g h i j k l ł m n ń o ó p q r s ś t u v w x y z ź ż",
    "hr": "a b c č ć d dž đ e f g h i j k l lj m n nj o p q r s š t u v w x y z ž",
    "da": f"{_LATIN} æ ø å",
}
"""Letters in order, as the Unicode Common Locale Data Repository has them; in Croatian three of them are two characters. Other letters
with a mark go with the letter below it."""
_SAME = {"da": {"aa": "å"}}
_SIGN, _LETTER, _FOREIGN = range(3)
"""What stands first: blanks, digits and signs, then the letters of the language, then those of other scripts."""


@cache
def _ranks(language: str) -> dict[str, int]:
    ranks = {letter: rank for rank, letter in enumerate(_ALPHABETS.get(language, _LATIN).split())}
    return ranks | {other: ranks[letter] for other, letter in _SAME.get(language, {}).items()}


def place_of(name: str, language: str) -> tuple[list[tuple[int, int]], str]:
    """Where a name stands; two that differ by case or marks alone stand together."""
    ranks, plain, places, start = _ranks(language), unicodedata.normalize("NFC", name).casefold(), list[tuple[int, int]](), 0
    while start < len(plain):
        letter = plain[start : start + 2] if plain[start : start + 2] in ranks else plain[start]
        base = letter if letter in ranks else unicodedata.normalize("NFD", letter)[0]
        kind = _LETTER if base in ranks else _FOREIGN if base.isalpha() else _SIGN
        places.append((kind, ranks.get(base, ord(base[0]))))
        start += len(letter)
    return places, plain


def by_name(items: Iterable[T], name: Callable[[T], str], language: str) -> list[T]:
    """Sorted by what `name` says of each."""
    return sorted(items, key=lambda item: place_of(name(item), language))
