"""When two invoices are the same one, and when they only look alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.kernel.invoice_numbers import COMPARABLE, OTHERS, folded, number_key

TURN_OF_YEAR_DAYS = 90
"""Numbers begin again each year. Within this time the same number of the same issuer in two years may be one invoice, dated otherwise."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """`issuer_hash` is a keyed hash of `tax_number_key`, None where it is not known. `organisation_id`: of the claim."""

    number_key: str
    amount_minor: int
    issued_on: date
    issuer_hash: str | None
    organisation_id: UUID | None = None


def former_key(reference: str) -> str:
    """What `number_key` was in claims lodged before look-alike letters were folded: their rows have its hash."""
    return "".join(sign for sign in reference if sign.isalnum()).casefold()


def is_number(reference: str) -> bool:
    """False for a number without letters and digits, or with letters that may look like others and are in no number here."""
    return bool(number_key(reference)) and not any(sign.isalnum() for sign in OTHERS.findall(folded(reference)))


def is_same(one: Invoice, other: Invoice) -> bool:
    """The same number of the same issuer in one calendar year, whatever day and amount. Where an issuer is not known: number, date, amount.

    Source: double financing is refused whatever file carries the invoice; the hash of a file is what the claimant types. Numbers of
    invoices are unique by issuer (Directive 2006/112/EC, Article 226).
    """
    if one.number_key != other.number_key:
        return False
    if _issuer(one) and _issuer(other):
        return one.issued_on.year == other.issued_on.year and _issuer(one) == _issuer(other)
    return (one.amount_minor, one.issued_on) == (other.amount_minor, other.issued_on)


def is_similar(one: Invoice, other: Invoice) -> bool:
    """Perhaps the same one: an officer has to look. The same number with amount, organisation, or issuer and nearly the date; or the
    same issuer with amount or date, since a number can be typed with an O for a zero, with a word before it or without leading zeros."""
    same_issuer = _issuer(one) is not None and _issuer(one) == _issuer(other)
    if one.number_key != other.number_key:
        return same_issuer and (one.amount_minor == other.amount_minor or one.issued_on == other.issued_on)
    near = abs((one.issued_on - other.issued_on).days) <= TURN_OF_YEAR_DAYS
    return one.amount_minor == other.amount_minor or one.organisation_id == other.organisation_id or (same_issuer and near)


def first_used(invoices: Iterable[Invoice], live: Iterable[Invoice]) -> Invoice | None:
    """The first of the invoices that a live claim rests on already."""
    known = list(live)
    return next((invoice for invoice in invoices if any(is_same(invoice, other) for other in known)), None)


def repeats_itself(invoices: Iterable[Invoice]) -> bool:
    """True when a claim gives one invoice twice."""
    given = list(invoices)
    return any(is_same(one, other) for number, one in enumerate(given) for other in given[:number])


def _issuer(invoice: Invoice) -> str | None:
    return invoice.issuer_hash if invoice.issuer_hash and invoice.issuer_hash.startswith(COMPARABLE) else None
