"""The terms of an offer, and the hash of them that an acceptance records. Shares are basis points, amounts minor units."""

import hashlib
import json
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.calendars.time_limit import TimeLimit
from shared.kernel.money import BASIS, Money
from shared.policy.benefit import Benefit
from shared.policy.case_terms import granted_rate, type_of
from shared.policy.own_share import own_share_minor
from shared.policy.schema import Policy


class Awarded(Protocol):
    """What of a voucher never changes."""

    id: UUID
    application_id: UUID
    call_id: UUID
    organisation_id: UUID
    policy_id: str
    amount_minor: int
    currency: str
    terms: dict[str, Any] | None


class Parts(BaseModel):
    """What is paid before or after the claims, and what the beneficiary pays in; None where the policy has no such rule. `advance_minor`
    and `deposit_minor` are of the amount that the award gave."""

    model_config = ConfigDict(frozen=True)

    advance_minor: int | None = None
    advance_against: str | None = None
    balance_bp: int | None = None
    balance_within: TimeLimit | None = None
    deposit_minor: int | None = None
    deposit_within: TimeLimit | None = None


class Terms(BaseModel):
    """What the beneficiary accepts. `cost_minor`: the eligible expenditure that takes the whole amount; `own_minor`: the own share of it.
    `evidence`: the kinds of documents that a claim needs; `extensions`: how often the validity may be extended, by `extension` each time.

    `voucher_title` names the type of voucher by language, `vat` is as in the policy, `recovers_vat` as the firm declared it, `grace` the
    time after validity for invoices of what was ordered before, `own_hour_minor` what an hour of the beneficiary's own people counts; None
    where the policy has no such thing. `benefit`: what is given in the place of money; then the amounts are worth in aid, and nothing of
    the terms of money holds.
    """

    model_config = ConfigDict(frozen=True)

    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    organisation_id: UUID
    policy_id: str
    currency: str
    amount_minor: int
    cost_minor: int
    own_minor: int
    intensity_bp: int
    recoverable_vat_eligible: bool
    payment_mode: str
    evidence: tuple[str, ...]
    validity: TimeLimit
    claim_window: TimeLimit
    check_within: TimeLimit
    pay_within: TimeLimit
    extensions: int
    extension: TimeLimit
    programme_end: date
    voucher_title: dict[str, str] | None = None
    vat: str | None = None
    recovers_vat: bool | None = None
    grace: TimeLimit | None = None
    parts: Parts | None = None
    benefit: Benefit | None = None
    own_hour_minor: int | None = None


def terms_of(policy: Policy, voucher: Awarded) -> Terms:
    """By the policy that the voucher is pinned to, so the same voucher has the same terms at all times."""
    intensity_bp, kind = granted_rate(policy, voucher.terms), type_of(policy, (voucher.terms or {}).get("voucher_type"))
    cost_minor = -(-voucher.amount_minor * BASIS // intensity_bp)
    return Terms(
        voucher_id=voucher.id,
        application_id=voucher.application_id,
        call_id=voucher.call_id,
        organisation_id=voucher.organisation_id,
        policy_id=voucher.policy_id,
        currency=voucher.currency,
        amount_minor=voucher.amount_minor,
        cost_minor=cost_minor,
        own_minor=cost_minor - voucher.amount_minor,
        intensity_bp=intensity_bp,
        recoverable_vat_eligible=policy.value.recoverable_vat_eligible,
        payment_mode=policy.payment.mode,
        evidence=policy.claims.evidence,
        validity=policy.validity,
        claim_window=policy.claims.claim_window,
        check_within=policy.claims.check_within,
        pay_within=policy.claims.pay_within,
        extensions=policy.extension.max_count,
        extension=policy.extension.longest,
        programme_end=policy.programme_end,
        voucher_title=dict(kind.title) if kind else None,
        vat=policy.vat.eligible if policy.vat else None,
        recovers_vat=(voucher.terms or {}).get("recovers_vat"),
        grace=policy.grace.within if policy.grace else None,
        parts=_parts_of(policy, voucher),
        benefit=policy.benefit,
        own_hour_minor=policy.own_hours.rate_minor if policy.own_hours else None,
    )


def _parts_of(policy: Policy, voucher: Awarded) -> Parts | None:
    advance, balance, deposit = policy.advance, policy.balance, policy.deposit
    if advance is None and balance is None and deposit is None:
        return None
    return Parts(
        advance_minor=Money(voucher.amount_minor, policy.currency).share(advance.share_bp).minor if advance else None,
        advance_against=advance.against if advance else None,
        balance_bp=balance.share_bp if balance else None,
        balance_within=balance.report_within if balance else None,
        deposit_minor=own_share_minor(voucher.amount_minor, granted_rate(policy, voucher.terms)) if deposit else None,
        deposit_within=deposit.within if deposit else None,
    )


def agreement_hash(terms: Terms) -> str:
    """SHA-256 (64 hex digits) over the terms that there are, as JSON with sorted keys and no spaces."""
    return hashlib.sha256(
        json.dumps(terms.model_dump(mode="json", exclude_none=True), sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()
