"""Is this the same project once more? (Same organisation, amount and dates; the title may differ in details.)"""

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

NEARLY_THE_SAME = 0.9


def is_repeated(title: str, others: Iterable[str]) -> bool:
    """Whether `title` is nearly one of `others`, the titles of the organisation's projects with the same amount and dates."""
    plain = plain_title(title)
    return any(SequenceMatcher(None, plain, plain_title(other), autojunk=False).ratio() >= NEARLY_THE_SAME for other in others)


def plain_title(title: str) -> str:
    """Without accents, case, punctuation and doubled spaces."""
    letters = (letter for letter in unicodedata.normalize("NFKD", title.casefold()) if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in letters).split())
