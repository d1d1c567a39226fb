"""Finds a project that an organisation submits twice: nearly the same title and amount, in the same time."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from shared.classifications.identity_keys import words_of
from shared.kernel.money import BASIS
from shared.kernel.vocabulary import DecisionOutcome, VoucherOutcome

SIMILAR_FROM = 0.9
SAME_AMOUNT_BP = 1_000
"""Amounts that differ by at most this part of the larger one are those of one project: a cent less makes no other project."""
GIVEN_UP = (VoucherOutcome.DECLINED, VoucherOutcome.LAPSED, VoucherOutcome.EXPIRED, VoucherOutcome.WITHDRAWN)
"""After these nothing was paid for the project, and it may come again. Of a revoked voucher it may not."""


@dataclass(frozen=True, slots=True)
class Known:
    """A project of the organisation, with what was decided on it."""

    title: str
    requested_minor: int
    starts_on: date
    ends_on: date
    decision: str | None = None
    voucher_outcome: str | None = None


def is_same_project(this: Known, others: Iterable[Known]) -> bool:
    """True when one of the others is the same project and still stands: neither refused nor given up, nor an expression of interest that
    is invited, whose project is applied for in the second step."""
    alike = [other.title for other in others if _stands(other) and _same_time(this, other) and _same_amount(this, other)]
    return is_repeated(this.title, alike)


def _stands(other: Known) -> bool:
    return other.decision not in (DecisionOutcome.REFUSED, DecisionOutcome.INVITED) and other.voucher_outcome not in GIVEN_UP


def _same_time(one: Known, other: Known) -> bool:
    """Phases that follow one another may have one title."""
    return one.starts_on <= other.ends_on and other.starts_on <= one.ends_on


def _same_amount(one: Known, other: Known) -> bool:
    smaller, larger = sorted((one.requested_minor, other.requested_minor))
    return (larger - smaller) * BASIS <= larger * SAME_AMOUNT_BP


def is_repeated(title: str, others: Iterable[str]) -> bool:
    """True when `title` is nearly one of `others`, the titles of other projects."""
    plain = title_key(title)
    return any(SequenceMatcher(None, plain, title_key(other), autojunk=False).ratio() >= SIMILAR_FROM for other in others)


def title_key(title: str) -> str:
    """The title in small Latin letters: 'Łódź' typed as 'Lodz', and Greek typed in Latin letters, make no other project. A title without
    letters and digits is itself."""
    return " ".join(words_of(title)) or plain_title(title)


def plain_title(title: str) -> str:
    """The title in lower case, without accents, punctuation and doubled spaces."""
    letters = (letter for letter in unicodedata.normalize("NFKD", title.casefold()) if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in letters).split())
