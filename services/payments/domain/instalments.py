"""Advance and balance: what of a granted claim is settled against the advance, kept for the balance, or paid. (No I/O, no clock: everything
is an argument.)"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.payments.domain.claims import ClaimedVoucher, check_window
from shared.calendars.time_limit import last_day_before
from shared.kernel.errors import Conflict, Refused
from shared.kernel.money import Money
from shared.policy.schema import Policy

GUARANTEE = "guarantee"


class ClaimKind(StrEnum):
    """What a claim asks payment of. EXPENDITURE: what was bought. ADVANCE: a part of the voucher before that. BALANCE: what was kept of the
    claims until the final report was accepted; the platform writes it, nobody lodges it."""

    EXPENDITURE = "expenditure"
    ADVANCE = "advance"
    BALANCE = "balance"


class BalanceOutcome(StrEnum):
    """RELEASED: the report was accepted. LAPSED: none came in time."""

    RELEASED = "released"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A guarantee of a bank: its number, up to which amount (minor units of the voucher's currency) and until which day."""

    reference: str
    amount_minor: int
    valid_until: date


def largest_advance(value: Money, policy: Policy) -> Money:
    """The policy's share of the voucher's value, rounded down; nothing where the policy has no advance."""
    return value.share(policy.advance.share_bp) if policy.advance else Money(0, value.currency)


def check_advance(
    voucher: ClaimedVoucher, value: Money, requested: Money, guarantee: Guarantee | None, policy: Policy, now: datetime
) -> None:
    """Raises `Refused` or `Conflict` with the first reason why no such advance is given."""
    refuse_advance(voucher, policy, now)
    most = largest_advance(value, policy)
    if requested > most:
        raise Refused(
            "above-advance", "At most {most} of this voucher is paid in advance.", field="requested_minor", most=most, most_minor=most.minor
        )
    assert policy.advance is not None, "refused before"
    if policy.advance.against != GUARANTEE:
        if guarantee is not None:
            raise Refused("guarantee-not-asked", "The rules ask for no guarantee. Leave it out.", field="guarantee")
        return
    if guarantee is None:
        raise Refused("guarantee-missing", "An advance is paid against a guarantee of a bank: name it.", field="guarantee")
    _check_guarantee(voucher, requested, guarantee, policy)


def refuse_advance(voucher: ClaimedVoucher, policy: Policy, now: datetime) -> None:
    """Raises as `check_window`; `Conflict` 'no-advance', 'advance-after-claims'. That it is the only one, the caller has to know."""
    if policy.advance is None:
        raise Conflict("no-advance", "The rules of this voucher give no advance. Claim what you have bought.")
    check_window(voucher, policy, now)
    if voucher.live_claims:
        raise Conflict("advance-after-claims", "An advance is asked for before the first claim. Claim what you have bought.")


def _check_guarantee(voucher: ClaimedVoucher, requested: Money, guarantee: Guarantee, policy: Policy) -> None:
    if guarantee.amount_minor < requested.minor:
        raise Refused(
            "guarantee-too-small", "The guarantee has to cover the advance of {requested}.", field="guarantee.amount_minor",
            requested=requested, requested_minor=requested.minor,
        )  # fmt: skip
    assert voucher.claim_window_until is not None, "check_window refuses before"
    last = last_day_before(voucher.claim_window_until, policy.zone)
    if guarantee.valid_until < last:
        raise Refused(
            "guarantee-too-short",
            "The guarantee has to hold until {last}, the last day for claims.",
            field="guarantee.valid_until",
            last=last,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """The voucher before a claim is decided: the advance that is granted, and of its accepted claims what was granted, settled and kept.
    `share_bp` is kept of claims; 0 once the balance is decided, and where the policy keeps nothing."""

    advance_minor: int = 0
    granted_minor: int = 0
    settled_minor: int = 0
    retained_minor: int = 0
    share_bp: int = 0

    @property
    def unsettled_minor(self) -> int:
        """What of the advance no claim has settled yet."""
        return max(0, self.advance_minor - self.settled_minor)


@dataclass(frozen=True, slots=True)
class Split:
    """Three parts of what is granted on a claim; together they are the whole."""

    settled_minor: int
    retained_minor: int
    payable_minor: int


def split(granted: Money, standing: Standing) -> Split:
    """Claims eat the advance first. What is kept is counted over all claims, rounded down once: so the parts of many small claims come to
    the share of their sum, as far as there is something to pay."""
    settled = min(granted.minor, standing.unsettled_minor)
    rest = granted.minor - settled
    due = Money(standing.granted_minor + granted.minor, granted.currency).share(standing.share_bp).minor - standing.retained_minor
    retained = min(rest, max(0, due))
    return Split(settled, retained, rest - retained)


def unspent(paid_minor: int, settled_minor: int) -> int:
    """What of the advance that was paid no claim has settled: it is recovered when no more claims come."""
    return max(0, paid_minor - settled_minor)
