"""May this claim be lodged? (No I/O, no clock: everything is an argument.)"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.kernel.errors import Conflict, Forbidden, NotFound, Refused
from shared.kernel.money import Money
from shared.policy.schema import Policy

INVOICE = "invoice"


@dataclass(frozen=True, slots=True)
class ClaimedVoucher:
    """What of a voucher a claim depends on. `is_paid_already`: a claim is lost, its payment is not (see `commands/find_orders.py`)."""

    state: str
    region: str
    organisation_id: UUID
    payment_mode: str
    suspended: bool
    closure_reason: str | None
    claim_window_until: datetime | None
    unclaimed: Money
    is_paid_already: bool = False


@dataclass(frozen=True, slots=True)
class PayTo:
    """Who is to be paid. `organisation_id` of a provider is None when it is not an organisation known here."""

    kind: str
    region: str
    organisation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Evidence:
    kind: str
    sha256: str
    issued_on: date
    amount_minor: int


def check_claim(
    voucher: ClaimedVoucher, payee: PayTo, eligible: Money, requested: Money, evidence: Sequence[Evidence], policy: Policy, now: datetime
) -> None:
    """Raises `Refused` with the first reason, in the order in which a beneficiary can mend them."""
    _check_window(voucher, policy, now)
    check_payee(payee, region=voucher.region, organisation_id=voucher.organisation_id, payment_mode=voucher.payment_mode)
    _check_amounts(voucher, eligible, requested, policy)
    _check_evidence(evidence, eligible, policy, now)


def _check_window(voucher: ClaimedVoucher, policy: Policy, now: datetime) -> None:
    if voucher.state == "issued" and voucher.is_paid_already:
        return  # handed in again after a restore, however late
    if voucher.state in ("settled", "released") or voucher.closure_reason:
        raise Refused("claims-closed", f"No more claims are taken on this voucher ({voucher.closure_reason or voucher.state}).")
    if voucher.state != "issued" or voucher.claim_window_until is None:
        raise Conflict("not-issued", "The voucher is not issued.")
    if voucher.suspended:
        raise Conflict("suspended", "The voucher is suspended: claims rest until it is resumed.")
    if now >= voucher.claim_window_until:
        local = voucher.claim_window_until.astimezone(ZoneInfo(policy.zone))
        raise Refused("claims-closed", f"Claims were taken until {local:%d %B %Y at %H:%M %Z}.")
    if now >= policy.programme_end_at:
        raise Refused("programme-ended", "The programme has ended: there are no claims or payments any more.")


def check_payee(payee: PayTo, *, region: str, organisation_id: UUID, payment_mode: str) -> None:
    """May the voucher of this organisation be paid to this payee?

    Source: the programme's three ways of payment; the provider must not be the beneficiary (related parties).
    """
    if payee.region != region:
        raise NotFound("payee-foreign", "There is no such payee in the region of the voucher.", field="payee_id")
    wanted = "provider" if payment_mode == "provider-direct" else "beneficiary"
    if payee.kind != wanted:
        raise Refused("payee-kind", f"This voucher is paid to a {wanted}, not to a {payee.kind}.", field="payee_id")
    own = payee.organisation_id == organisation_id
    if wanted == "provider" and own:
        raise Refused("related-party", "The provider is the beneficiary itself.", field="payee_id")
    if wanted == "beneficiary" and not own:
        raise Forbidden("payee-foreign", "The account belongs to another organisation.", field="payee_id")


def _check_amounts(voucher: ClaimedVoucher, eligible: Money, requested: Money, policy: Policy) -> None:
    most = eligible.share(policy.value.intensity_bp)
    if requested > most:
        raise Refused(
            "above-intensity", f"At most {most} of aid is due on this expenditure.", field="requested_minor", most_minor=most.minor
        )
    if requested > voucher.unclaimed:
        left = voucher.unclaimed
        raise Refused("above-value", f"The voucher has {left} left to claim.", field="requested_minor", left_minor=left.minor)


def _check_evidence(evidence: Sequence[Evidence], eligible: Money, policy: Policy, now: datetime) -> None:
    missing = [kind for kind in policy.claims.evidence if kind not in {document.kind for document in evidence}]
    if missing:
        raise Refused("evidence-missing", f"Evidence is missing: {', '.join(missing)}.", field="evidence", missing=missing)
    twice = [sha256 for sha256, count in Counter(document.sha256 for document in evidence).items() if count > 1]
    if twice:
        raise Refused("evidence-repeated", "A document is given twice.", field="evidence")
    today = now.astimezone(ZoneInfo(policy.zone)).date()
    if any(document.issued_on > today for document in evidence):
        raise Refused("evidence-in-future", "A document is dated in the future.", field="evidence")
    invoiced = sum(document.amount_minor for document in evidence if document.kind == INVOICE)
    if INVOICE in policy.claims.evidence and invoiced < eligible.minor:
        raise Refused("not-invoiced", "The invoices do not cover the expenditure.", field="eligible_minor", invoiced_minor=invoiced)
