"""May this claim be lodged? (No I/O, no clock: everything is an argument.)"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.payments.domain.expenditure_window import DAY_OF_DOCUMENT, ExpenditureWindow, check_days
from services.payments.domain.grace import Orderable, check_ordered
from services.payments.domain.invoices import Invoice, is_number, plain_key, repeats_itself
from services.payments.domain.providers import Issued
from services.payments.domain.related_parties import ORGANISATION, refuse_related
from services.payments.domain.remainders import NOTHING, Earlier, remainder
from services.payments.domain.states import ClosureReason, MoneyState, PayeeKind
from shared.kernel.errors import Conflict, Forbidden, NotFound, Refused
from shared.kernel.invoice_numbers import number_key
from shared.kernel.money import Money
from shared.kernel.vocabulary import EvidenceKind, PaymentMode
from shared.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class ClaimedVoucher:
    """The facts of a voucher that a claim depends on. `opens_at` is the opening of its call, None when it is not known. `live_claims`
    counts those that stand. `correct_by`: of a returned claim that this one replaces, also after the end of the claim window.
    `intensity_bp`: its rate, None for that of the policy.

    `ordered_before_restore`: a payment file from before a restore pays on this voucher, and its claim is lost. `earlier`: the claims that
    stand, together. `window`: when what is claimed may be dated, None where the policy says nothing.
    """

    state: str
    region: str
    organisation_id: UUID
    payment_mode: str
    suspended: bool
    closure_reason: str | None
    claim_window_until: datetime | None
    unclaimed: Money
    opens_at: datetime | None = None
    live_claims: int = 0
    ordered_before_restore: bool = False
    correct_by: datetime | None = None
    intensity_bp: int | None = None
    valid_until: datetime | None = None
    earlier: Earlier = NOTHING
    window: ExpenditureWindow | None = None


@dataclass(frozen=True, slots=True)
class PayTo:
    """The payee of a claim. `organisation_id` of a provider is None when it is not an organisation known here."""

    kind: str
    region: str
    organisation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document kept elsewhere; `reference` is its number, such as that of an invoice. `issuer_hash` is the keyed hash of the issuer's
    tax number, which is not stored. `file_id` and `line` of a document that was given at a line of the claim. `ordered_on`: of what an
    invoice is for."""

    kind: str
    sha256: str
    issued_on: date
    amount_minor: int
    reference: str = ""
    issuer_hash: str | None = None
    file_id: UUID | None = None
    line: int | None = None
    ordered_on: date | None = None


def invoices_of(evidence: Sequence[Evidence]) -> list[Invoice]:
    return [
        Invoice(
            number_key(document.reference),
            document.amount_minor,
            document.issued_on,
            document.issuer_hash,
            plain_key=plain_key(document.reference),
        )
        for document in evidence
        if document.kind == EvidenceKind.INVOICE
    ]


def issued_in(evidence: Sequence[Evidence]) -> list[Issued]:
    """The invoices, with the place of their issuer in what was sent, or of their line."""
    return [
        Issued(document.issuer_hash, document.issued_on, f"evidence.{number}.issuer" if document.line is None else "lines")
        for number, document in enumerate(evidence)
        if document.kind == EvidenceKind.INVOICE
    ]


def check_claim(
    voucher: ClaimedVoucher, payee: PayTo, eligible: Money, requested: Money, evidence: Sequence[Evidence], policy: Policy, now: datetime
) -> None:
    """Raises `Refused` with the first reason, in the order in which a beneficiary can correct them."""
    check_window(voucher, policy, now)
    check_payee(payee, region=voucher.region, organisation_id=voucher.organisation_id, payment_mode=voucher.payment_mode)
    _check_amounts(voucher, eligible, requested, policy)
    _check_evidence(evidence, eligible, policy, now)
    _check_dates(evidence, voucher.opens_at, policy, now)
    check_ordered(_orderable(evidence), policy, voucher.valid_until)
    for number, document in enumerate(evidence):
        if (day_of := DAY_OF_DOCUMENT.get(document.kind)) is not None:
            check_days(voucher.window, {day_of: document.issued_on}, {day_of: _field_of(number, document)})


def _order_fields(number: int, line: int | None) -> tuple[str, str]:
    return ("lines", "lines") if line is not None else (f"evidence.{number}.issued_on", f"evidence.{number}.ordered_on")


def _orderable(evidence: Sequence[Evidence]) -> list[Orderable]:
    return [
        Orderable(one.issued_on, one.ordered_on, *_order_fields(number, one.line))
        for number, one in enumerate(evidence)
        if one.kind == EvidenceKind.INVOICE
    ]


def refuse_while_suspended(suspended: bool) -> None:
    """`Conflict` 'voucher-suspended': a suspended voucher has no claims, decisions on claims or approvals."""
    if suspended:
        raise Conflict("voucher-suspended", "The voucher is suspended: claims, decisions and approvals wait until it is resumed.")


def programme_ended() -> Refused:
    return Refused("programme-ended", "The programme has ended: there are no claims or payments any more.")


def check_window(voucher: ClaimedVoucher, policy: Policy, now: datetime) -> None:
    """Raises `Refused` unless claims are taken on the voucher now."""
    if voucher.state == MoneyState.ISSUED and voucher.ordered_before_restore:
        return  # lodged again after a restore, however late
    if voucher.state == MoneyState.ISSUED and voucher.correct_by and voucher.closure_reason in (None, ClosureReason.CLAIM_WINDOW_ENDED):
        refuse_while_suspended(voucher.suspended)
        if now >= voucher.correct_by:
            raise Refused("correction-ended", "The claim could be corrected until {until}.", until=voucher.correct_by, zone=policy.zone)
        return
    if voucher.state in (MoneyState.SETTLED, MoneyState.RELEASED) or voucher.closure_reason:
        reason = voucher.closure_reason or voucher.state
        raise Refused("claims-closed", "No more claims are taken on this voucher ({reason}).", reason=reason)
    if voucher.state != MoneyState.ISSUED or voucher.claim_window_until is None:
        raise Conflict("not-issued", "The voucher is not issued.")
    refuse_while_suspended(voucher.suspended)
    if now >= voucher.claim_window_until:
        raise Refused("claim-window-ended", "Claims were taken until {until}.", until=voucher.claim_window_until, zone=policy.zone)
    if now >= policy.programme_end_at:
        raise programme_ended()


def check_payee(payee: PayTo, *, region: str, organisation_id: UUID, payment_mode: str) -> None:
    """May the voucher of this organisation be paid to this payee?

    Source: the programme's ways of payment; the provider must not be the beneficiary (related parties).
    """
    if payee.region != region:
        raise NotFound("payee-in-other-region", "There is no such payee in the region of the voucher.", field="payee_id")
    wanted = PayeeKind.PROVIDER if payment_mode == PaymentMode.PROVIDER_DIRECT else PayeeKind.BENEFICIARY
    if payee.kind != wanted:
        raise Refused(
            "payee-kind", "This voucher is paid to a {wanted}, not to a {kind}.", field="payee_id", wanted=wanted.value, kind=payee.kind
        )
    own = payee.organisation_id == organisation_id
    if wanted is PayeeKind.PROVIDER and own:
        refuse_related([ORGANISATION], "payee_id")
    if wanted is PayeeKind.BENEFICIARY and not own:
        raise Forbidden("payee-foreign", "The account belongs to another organisation.", field="payee_id")


@dataclass(frozen=True, slots=True)
class Granted:
    """What the acceptance of a claim lets be paid on its voucher."""

    voucher_id: UUID
    amount_minor: int


def _check_amounts(voucher: ClaimedVoucher, eligible: Money, requested: Money, policy: Policy) -> None:
    rate = policy.value.intensity_bp if voucher.intensity_bp is None else voucher.intensity_bp
    most = Money(eligible.share(rate).minor + remainder(eligible, voucher.earlier, rate), eligible.currency)
    if requested > most:
        raise Refused(
            "above-intensity",
            "At most {most} of aid is due on this expenditure.",
            field="requested_minor",
            most=most,
            most_minor=most.minor,
        )
    left = voucher.unclaimed
    if requested > left:
        raise Refused("above-value", "The voucher has {left} left to claim.", field="requested_minor", left=left, left_minor=left.minor)
    _check_limits(voucher, requested, policy)


def _check_limits(voucher: ClaimedVoucher, requested: Money, policy: Policy) -> None:
    """The policy's smallest claim and most claims: many small ones keep officers busy and divide what a second approver would see."""
    most = policy.claims.most_per_voucher
    if most is not None and voucher.live_claims >= most:
        raise Refused("claims-used-up", "At most {most} claims are taken on a voucher.", most=most)
    smallest = Money(policy.claims.smallest_minor or 0, requested.currency)
    if requested < smallest and requested < voucher.unclaimed:
        raise Refused(
            "claim-too-small",
            "A claim is of at least {smallest}, unless it takes all that is left.",
            field="requested_minor",
            smallest=smallest,
            smallest_minor=smallest.minor,
        )


def _check_evidence(evidence: Sequence[Evidence], eligible: Money, policy: Policy, now: datetime) -> None:
    missing = [kind for kind in policy.claims.evidence if kind not in {document.kind for document in evidence}]
    if missing:
        raise Refused("evidence-missing", "Evidence is missing: {missing}.", field="evidence", missing=missing)
    _check_invoices(evidence)
    twice = [sha256 for sha256, count in Counter(document.sha256 for document in evidence).items() if count > 1]
    if twice or repeats_itself(invoices_of(evidence)):
        raise Refused("evidence-repeated", "A document is given twice.", field="evidence")
    invoiced = Money(sum(document.amount_minor for document in evidence if _counts(document)), eligible.currency)
    if EvidenceKind.INVOICE in policy.claims.evidence and invoiced < eligible:
        raise Refused(
            "not-invoiced", "The invoices come to {invoiced} and do not cover the expenditure.", field="eligible_minor",
            invoiced=invoiced, invoiced_minor=invoiced.minor,
        )  # fmt: skip


def _counts(document: Evidence) -> bool:
    """An invoice proves expenditure, and at a line of own hours their timesheet."""
    return document.kind == EvidenceKind.INVOICE or (document.kind == EvidenceKind.TIMESHEET and document.line is not None)


def _check_invoices(evidence: Sequence[Evidence]) -> None:
    """An invoice is known by its issuer and its number: both are given so that they can be compared."""
    for number, document in enumerate(evidence):
        if document.kind == EvidenceKind.INVOICE and document.issuer_hash is None:
            raise Refused("issuer-missing", "The tax number of who issued the invoice is missing.", field=f"evidence.{number}.issuer")
        if document.kind == EvidenceKind.INVOICE and not is_number(document.reference):
            raise Refused(
                "unusable-invoice-number",
                "The number of an invoice is of Latin, Greek or Cyrillic letters and digits.",
                field=f"evidence.{number}.reference",
            )


def _check_dates(evidence: Sequence[Evidence], opens_at: datetime | None, policy: Policy, now: datetime) -> None:
    """From the day on which the call opened: what was bought before anybody could apply was not bought with its help."""
    zone = ZoneInfo(policy.zone)
    today, opened_on = now.astimezone(zone).date(), date.min if opens_at is None else opens_at.astimezone(zone).date()
    for number, document in enumerate(evidence):
        field = _field_of(number, document)
        if document.issued_on > today:
            raise Refused("evidence-in-future", "A document is dated in the future.", field=field)
        if document.issued_on < opened_on:
            raise Refused(
                "evidence-too-old", "A document is dated before {opened_on}, when the call opened.", field=field, opened_on=opened_on
            )


def _field_of(number: int, document: Evidence) -> str:
    """Where the day of a document stands in what was sent; a claim with lines has it at one of them."""
    return f"evidence.{number}.issued_on" if document.line is None else "lines"
