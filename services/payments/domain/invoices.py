"""When two invoices are the same one, and when they only look alike."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.kernel.invoice_numbers import COMPARABLE, OTHERS, number_key
from shared.kernel.look_alikes import folded

TURN_OF_YEAR_DAYS = 90
"""Numbers begin again each year. Within this time the same number of the same issuer in two years may be one invoice, dated otherwise."""

_PARTS, _LETTERS = re.compile(r"[0-9]+|[^\W\d_]+"), re.compile(r"[^\W\d_]+")
_BESIDE_DIGIT = re.compile(r"(?<=[0-9])O|O(?=[0-9])")
_ONE = re.compile(r"(?:(?<=[0-9])|(?<=[0-9][/.\\-]))[IL](?=[0-9])")
_WORDS = frozenset(
    map(folded, ("invoice", "inv", "no", "nr", "number", "faktura", "fakt", "fv", "f", "fact", "factuur", "fac", "rechnung", "racun", "br"))
) | frozenset(
    map(
        folded,
        (
            *("invoiceno", "invoicenr", "facture", "vat", "faktury", "numer", "nummer", "broj", "rac", "fakturanr", "fakturanummer", "rg"),
            "fa",
            *("factuurnr", "factuurnummer", "rechnungsnr", "rechnungsnummer", "τιμολόγιο", "τιμ", "τπυ", "τπ", "τδα", "αρ", "αριθμός"),
        ),
    )
)
"""What stands before a number and is no part of it, in the languages of the regions."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """`issuer_hash` is a keyed hash of `tax_number_key`, None where it is not known. `organisation_id`: of the claim. `plain_key`: see
    `plain_key`, empty where it is not known."""

    number_key: str
    amount_minor: int
    issued_on: date
    issuer_hash: str | None
    organisation_id: UUID | None = None
    plain_key: str = ""


def plain_key(reference: str) -> str:
    """The number without words for 'invoice', with zeros for O beside a digit, ones for I and L between two, and without leading zeros:
    '2026/17' for 'FV 2026/O17'. Empty without a digit. Its parts stay apart, so '1/12' and '11/2' are two."""
    without_words = _LETTERS.sub(lambda found: " " if found[0] in _WORDS else found[0], folded(reference))
    parts = _PARTS.findall(_ONE.sub("1", _BESIDE_DIGIT.sub("0", without_words)))
    kept = [part.lstrip("0") or "0" if part.isdigit() else part for part in parts]
    return "/".join(kept) if any(part.isdigit() for part in kept) else ""


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


def is_spelled_otherwise(one: Invoice, other: Invoice) -> bool:
    """The same issuer, day and amount, and the number with another word before it, an O for a zero or other leading zeros: 'FV 2026/017'
    and '2026/17'."""
    same = _issuer(one) is not None and _issuer(one) == _issuer(other)
    same = same and (one.issued_on, one.amount_minor) == (other.issued_on, other.amount_minor)
    return same and bool(one.plain_key) and one.plain_key == other.plain_key


def is_similar(one: Invoice, other: Invoice) -> bool:
    """Perhaps the same one: an officer has to look. The same invoice of another organisation; the same number with
    amount, organisation, or issuer and nearly the date; or the same issuer with amount or date, since a number can be typed with an O for
    a zero, with a word before it or without leading zeros."""
    same_issuer = _issuer(one) is not None and _issuer(one) == _issuer(other)
    if is_same(one, other) or is_spelled_otherwise(one, other):
        return True
    if one.number_key != other.number_key:
        return same_issuer and (one.amount_minor == other.amount_minor or one.issued_on == other.issued_on)
    near = abs((one.issued_on - other.issued_on).days) <= TURN_OF_YEAR_DAYS
    return one.amount_minor == other.amount_minor or one.organisation_id == other.organisation_id or (same_issuer and near)


def is_used(invoices: Iterable[Invoice], live: Iterable[Invoice]) -> bool:
    """True when a live claim of the same organisation rests on one of the invoices already. Of another's, an officer decides:
    a refusal would say what the other claimed, and who lodges first would shut the other one out."""
    known = list(live)
    return any(_is_one(invoice, other) for invoice in invoices for other in known)


def repeats_itself(invoices: Iterable[Invoice]) -> bool:
    """True when a claim gives one invoice twice."""
    given = list(invoices)
    return any(_is_one(one, other) for number, one in enumerate(given) for other in given[:number])


def _is_one(one: Invoice, other: Invoice) -> bool:
    return is_same(one, other) or is_spelled_otherwise(one, other)


def _issuer(invoice: Invoice) -> str | None:
    return invoice.issuer_hash if invoice.issuer_hash and invoice.issuer_hash.startswith(COMPARABLE) else None
