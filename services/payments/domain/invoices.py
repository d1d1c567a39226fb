"""When two invoices are the same one, and when they only look alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Invoice:
    """`issuer_hash` is a keyed hash of the issuer's tax number; None when the claim does not give it."""

    number_key: str
    amount_minor: int
    issued_on: date
    issuer_hash: str | None


def number_key(reference: str) -> str:
    """The number by which two spellings of it are found: letters and digits alone, in lower case."""
    return "".join(sign for sign in reference if sign.isalnum()).casefold()


def is_same(one: Invoice, other: Invoice) -> bool:
    """The same number, date and amount, unless two different issuers are given. Leaving the issuer out does not make another invoice.

    Source: double financing is refused whatever file carries the invoice; the hash of a file is what the claimant types.
    """
    alike = (one.number_key, one.amount_minor, one.issued_on) == (other.number_key, other.amount_minor, other.issued_on)
    return alike and (one.issuer_hash is None or other.issuer_hash is None or one.issuer_hash == other.issuer_hash)


def first_used(invoices: Iterable[Invoice], live: Iterable[Invoice]) -> Invoice | None:
    """The first of the invoices that a live claim rests on already."""
    known = list(live)
    return next((invoice for invoice in invoices if any(is_same(invoice, other) for other in known)), None)


def repeats_itself(invoices: Iterable[Invoice]) -> bool:
    """True when a claim gives one invoice twice."""
    given = list(invoices)
    return any(is_same(one, other) for number, one in enumerate(given) for other in given[:number])
