"""Finds a project that an organisation submits twice: same amount and dates, and nearly the same title."""

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

SIMILAR_FROM = 0.9


def is_repeated(title: str, others: Iterable[str]) -> bool:
    """True when `title` is nearly one of `others`, the titles of the organisation's projects with the same amount and dates."""
    plain = plain_title(title)
    return any(SequenceMatcher(None, plain, plain_title(other), autojunk=False).ratio() >= SIMILAR_FROM for other in others)


def plain_title(title: str) -> str:
    """The title in lower case, without accents, punctuation and doubled spaces."""
    letters = (letter for letter in unicodedata.normalize("NFKD", title.casefold()) if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in letters).split())
