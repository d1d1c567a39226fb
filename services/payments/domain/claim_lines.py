"""The lines of a claim, invoices and own hours: what may be claimed of each, and what is paid. (No I/O, no clock: everything is an
argument.)"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.payments.domain.claim_hours import Hours, counted_minor
from services.payments.domain.claims import Evidence
from services.payments.domain.expenditure_window import DELIVERED, ISSUED, PAID, ExpenditureWindow, check_days
from services.payments.domain.grace import Orderable, check_ordered
from services.payments.domain.invoices import Invoice, is_number, plain_key, repeats_itself
from shared.kernel.errors import Conflict, Refused
from shared.kernel.invoice_numbers import number_key
from shared.kernel.money import Money
from shared.kernel.vocabulary import EvidenceKind
from shared.policy.case_terms import granted_rate
from shared.policy.schema import Policy

MOST_LINES = 30
Terms = Mapping[str, Any]
"""Of a voucher (`shared.contracts.common.AwardTerms`), where it has not those of its policy."""


@dataclass(frozen=True, slots=True)
class Line:
    """An invoice. `net_minor` and `vat_minor` are in `currency`; `claimed_minor`, and what is cut of it, in the currency of the voucher.
    `vat_recoverable`: the beneficiary gets the VAT back from the tax office. `issuer_hash`: keyed, of the seller's tax number.

    With `hours` it is no invoice: its amount is what they come to, and `issued_on` the last day of the work."""

    number: int
    reference: str
    issued_on: date
    net_minor: int
    vat_minor: int
    vat_recoverable: bool
    currency: str
    claimed_minor: int
    issuer_hash: str
    delivered_on: date | None = None
    paid_on: date | None = None
    cut_minor: int = 0
    ordered_on: date | None = None
    hours: Hours | None = None

    @property
    def gross_minor(self) -> int:
        return self.net_minor + self.vat_minor


@dataclass(frozen=True, slots=True)
class LineSum:
    """What counts of a line. `vat_left_out_minor` and `not_claimed_minor` are None for an invoice in another currency: its amounts and
    those of the claim do not compare."""

    number: int
    invoiced_minor: int
    currency: str
    vat_left_out_minor: int | None
    not_claimed_minor: int | None
    claimed_minor: int
    cut_minor: int
    eligible_minor: int


@dataclass(frozen=True, slots=True)
class Computation:
    """Each step from the lines to what is paid, in minor units of the voucher's currency. `eligible_minor` has the invoices, and of
    `hours_minor`, what own hours come to after the cuts, the part that counts: `counted_hours_minor`.

    `aid_minor` is the intensity's share of what is eligible, rounded down, with `remainder_minor`, which the roundings of earlier claims
    left; `left_minor` what the voucher had left: its value less what was claimed before. `paid_minor` is the lesser of both, `own_minor`
    what the beneficiary bears of the eligible expenditure.
    """

    lines: tuple[LineSum, ...]
    claimed_minor: int
    cut_minor: int
    eligible_minor: int
    intensity_bp: int
    remainder_minor: int
    aid_minor: int
    value_minor: int
    before_minor: int
    left_minor: int
    paid_minor: int
    own_minor: int
    hours_minor: int = 0
    counted_hours_minor: int = 0


def compute(
    lines: Iterable[Line], policy: Policy, value_minor: int, before_minor: int, terms: Terms | None = None, remainder_minor: int = 0
) -> Computation:
    """What is paid on these lines of a voucher of `value_minor`, of which `before_minor` was claimed before, at its own rate.
    `remainder_minor`: see `remainders.remainder`; nothing is added to nothing.

    Source: aid is a share of eligible expenditure and never above the voucher; recoverable VAT is not eligible unless the policy says so.
    """
    lines = list(lines)
    sums, intensity_bp = tuple(_sum_of(line, policy, terms) for line in lines), granted_rate(policy, terms)
    hours, counted = _hours(lines, policy, intensity_bp)
    eligible = sum(one.eligible_minor for one in sums) - hours + counted
    added = remainder_minor if eligible else 0
    aid = Money(eligible, policy.currency).share(intensity_bp).minor + added
    left = max(0, value_minor - before_minor)
    paid = min(aid, left)
    return Computation(
        lines=sums,
        claimed_minor=sum(one.claimed_minor for one in sums),
        cut_minor=sum(one.cut_minor for one in sums),
        eligible_minor=eligible,
        intensity_bp=intensity_bp,
        remainder_minor=added,
        aid_minor=aid,
        value_minor=value_minor,
        before_minor=before_minor,
        left_minor=left,
        paid_minor=paid,
        own_minor=eligible - paid,
        hours_minor=hours,
        counted_hours_minor=counted,
    )


def eligible_of(lines: Sequence[Line], policy: Policy, terms: Terms | None) -> Money:
    """The expenditure of the lines that counts: invoices less their cuts, and own hours as far as the own share goes."""
    hours, counted = _hours(lines, policy, granted_rate(policy, terms))
    return Money(sum(line.claimed_minor - line.cut_minor for line in lines) - hours + counted, policy.currency)


def _hours(lines: Sequence[Line], policy: Policy, intensity_bp: int) -> tuple[int, int]:
    """What own hours come to, and what of it counts."""
    of_hours = sum(line.claimed_minor - line.cut_minor for line in lines if line.hours)
    money = sum(line.claimed_minor - line.cut_minor for line in lines) - of_hours
    return of_hours, counted_minor(Money(money, policy.currency), Money(of_hours, policy.currency), policy, intensity_bp)


def _sum_of(line: Line, policy: Policy, terms: Terms | None) -> LineSum:
    comparable = line.currency == policy.currency
    left_out = _vat_left_out(line, policy, terms)
    return LineSum(
        number=line.number,
        invoiced_minor=line.gross_minor,
        currency=line.currency,
        vat_left_out_minor=left_out if comparable else None,
        not_claimed_minor=line.gross_minor - left_out - line.claimed_minor if comparable else None,
        claimed_minor=line.claimed_minor,
        cut_minor=line.cut_minor,
        eligible_minor=line.claimed_minor - line.cut_minor,
    )


def most_of(line: Line, policy: Policy, terms: Terms | None) -> int:
    """What may be claimed of an invoice in the currency of the voucher: with the VAT that is eligible."""
    return line.gross_minor - _vat_left_out(line, policy, terms)


def _vat_left_out(line: Line, policy: Policy, terms: Terms | None) -> int:
    """VAT that is not eligible. Source: Regulation (EU) 2021/1060, Article 64(1)(c); a policy may be stricter."""
    if policy.vat is None:
        return line.vat_minor if line.vat_recoverable and not policy.value.recoverable_vat_eligible else 0
    never = policy.vat.eligible == "never"
    return line.vat_minor if never or line.vat_recoverable or _declared_recoverable(terms) else 0


def _declared_recoverable(terms: Terms | None) -> bool:
    return bool(terms and terms.get("recovers_vat"))


def check_line(
    line: Line,
    policy: Policy,
    opens_at: datetime | None,
    now: datetime,
    terms: Terms | None = None,
    valid_until: datetime | None = None,
    window: ExpenditureWindow | None = None,
) -> None:
    """Raises `Refused` with the first thing that is wrong with a line as it is saved."""
    if not is_number(line.reference):
        raise Refused(
            "unusable-invoice-number", "The number of an invoice is of Latin, Greek or Cyrillic letters and digits.", field="reference"
        )
    _check_days(line, policy, opens_at, now)
    check_ordered([Orderable(line.issued_on, line.ordered_on, "issued_on", "ordered_on")], policy, valid_until)
    days = {ISSUED: line.issued_on, DELIVERED: line.delivered_on, PAID: line.paid_on}
    check_days(window, days, {name: name for name in days})
    if line.currency != policy.currency:
        return
    most = Money(most_of(line, policy, terms), line.currency)
    if line.claimed_minor > most.minor:
        _refuse_vat(line, policy, terms, most)
        raise Refused(
            "above-invoice", "At most {most} of this invoice can be claimed.", field="claimed_minor", most=most, most_minor=most.minor
        )


def _refuse_vat(line: Line, policy: Policy, terms: Terms | None, most: Money) -> None:
    """The reason, where it is the VAT that is claimed and the line does not say itself that it comes back."""
    if policy.vat is None or line.vat_recoverable or line.claimed_minor > line.gross_minor:
        return
    if policy.vat.eligible == "never":
        raise Refused(
            "vat-not-eligible", "VAT is not paid for in this scheme: at most {most} of this invoice can be claimed.", field="claimed_minor",
            most=most, most_minor=most.minor,
        )  # fmt: skip
    raise Refused(
        "vat-declared-recoverable",
        "Your firm declared in its application that it gets VAT back: at most {most} of this invoice can be claimed.",
        field="claimed_minor",
        most=most,
        most_minor=most.minor,
    )


def _check_days(line: Line, policy: Policy, opens_at: datetime | None, now: datetime) -> None:
    zone = ZoneInfo(policy.zone)
    today = now.astimezone(zone).date()
    for field, day in (("issued_on", line.issued_on), ("delivered_on", line.delivered_on), ("paid_on", line.paid_on)):
        if day is not None and day > today:
            raise Refused("evidence-in-future", "A document is dated in the future.", field=field)
    opened_on = date.min if opens_at is None else opens_at.astimezone(zone).date()
    if line.issued_on < opened_on:
        raise Refused(
            "evidence-too-old",
            "A document is dated before {opened_on}, when the call opened.",
            field="issued_on",
            opened_on=opened_on,
        )


def check_fits(lines: Sequence[Line]) -> None:
    """Of the lines of one draft together. `Conflict` 'too-many-claim-lines'; `Refused` 'invoice-repeated'."""
    if len(lines) > MOST_LINES:
        raise Conflict("too-many-claim-lines", "A claim has at most {most} lines. Lodge it, then begin another one.", most=MOST_LINES)
    if repeats_itself(_invoice(line) for line in lines if line.hours is None):
        raise Refused("invoice-repeated", "Another line of this claim has this invoice.", field="reference")


def _invoice(line: Line) -> Invoice:
    key = plain_key(line.reference)
    return Invoice(number_key(line.reference), line.gross_minor, line.issued_on, line.issuer_hash, plain_key=key)


@dataclass(frozen=True, slots=True)
class Document:
    """A file at the line of this number."""

    line: int
    file_id: UUID
    kind: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Gap:
    """What a draft lacks before it can be lodged, with the sentence that says so; `line` where one lacks it."""

    refusal: Refused
    line: int | None = None


def gaps(lines: Sequence[Line], documents: Sequence[Document], has_payee: bool, policy: Policy) -> list[Gap]:
    """All that is missing, in the order of the pages."""
    found = [] if lines else [Gap(Refused("no-lines", "The claim has no line yet: add the first invoice.", field="lines"))]
    of_line = {line.number: {one.kind for one in documents if one.line == line.number} for line in lines}
    for line in lines:
        kinds = of_line[line.number]
        if line.hours is not None:
            if EvidenceKind.TIMESHEET not in kinds:
                found.append(Gap(Refused("timesheet-missing", "The timesheet of these hours is missing.", field="files"), line.number))
            continue
        if EvidenceKind.INVOICE not in kinds:
            found.append(Gap(Refused("invoice-file-missing", "The file of the invoice is missing.", field="files"), line.number))
        if line.currency != policy.currency and EvidenceKind.PROOF_OF_PAYMENT not in kinds:
            foreign = Refused(
                "payment-file-missing", "The invoice is in {currency}: the proof of payment is missing, which shows what you paid for it.",
                field="files", currency=line.currency,
            )  # fmt: skip
            found.append(Gap(foreign, line.number))
        if EvidenceKind.PROOF_OF_PAYMENT in policy.claims.evidence and line.paid_on is None:
            found.append(Gap(Refused("payment-date-missing", "The day on which you paid is missing.", field="paid_on"), line.number))
    missing = [kind for kind in policy.claims.evidence if kind != EvidenceKind.INVOICE and not any(kind in of for of in of_line.values())]
    if lines and missing:
        found.append(Gap(Refused("evidence-missing", "Evidence is missing: {missing}.", field="evidence", missing=missing)))
    if not has_payee:
        found.append(Gap(Refused("payee-missing", "The account is missing to which the aid is to be paid.", field="payee_id")))
    return found


def evidence_of(lines: Sequence[Line], documents: Sequence[Document], currency: str) -> list[Evidence]:
    """The documents as the claim rests on them, those of a line together. An invoice in another currency counts with what is claimed."""
    return [_as_evidence(line, one, currency) for line in lines for one in documents if one.line == line.number]


def _as_evidence(line: Line, document: Document, currency: str) -> Evidence:
    if line.hours is not None:
        amount = line.claimed_minor if document.kind == EvidenceKind.TIMESHEET else 0
        return Evidence(document.kind, document.sha256, line.issued_on, amount, file_id=document.file_id, line=line.number)
    invoice = document.kind == EvidenceKind.INVOICE
    amount = line.gross_minor if line.currency == currency else line.claimed_minor
    day = line.issued_on if invoice else (line.paid_on if document.kind == EvidenceKind.PROOF_OF_PAYMENT else line.delivered_on)
    return Evidence(
        kind=document.kind,
        sha256=document.sha256,
        issued_on=day or line.issued_on,
        amount_minor=amount if invoice else 0,
        reference=line.reference,
        issuer_hash=line.issuer_hash if invoice else None,
        file_id=document.file_id,
        line=line.number,
        ordered_on=line.ordered_on if invoice else None,
    )


def check_cut(claimed: Money, cut_minor: int, reason: str | None) -> None:
    """`Refused` 'cut-above-line' or 'cut-without-reason'."""
    if cut_minor > claimed.minor:
        raise Refused(
            "cut-above-line", "At most {most} can be cut from this line.", field="cut_minor", most=claimed, most_minor=claimed.minor
        )
    if cut_minor and not (reason or "").strip():
        raise Refused("cut-without-reason", "Say why: the beneficiary reads the reason of each cut.", field="reason")
