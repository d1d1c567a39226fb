"""The own share as a deposit: how much, which credit is it, and what of it pays a claim. (No I/O, no clock: everything is an argument.)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from services.payments.domain.ledger import RegionAccount, RegionMove
from shared.calendars.time_limit import last_day_before
from shared.kernel.errors import Conflict
from shared.kernel.money import Money
from shared.policy.own_share import cost_minor, own_share_minor
from shared.policy.schema import Policy

DOUBTFUL = "deposit-"
"""How the reasons begin for which a credit that quotes a deposit is put before a person."""


class DepositState(StrEnum):
    """LAPSED: it did not come in time. CLOSED: the voucher has ended; nothing of it is held, except for a payment that came back later."""

    AWAITED = "awaited"
    PAID = "paid"
    LAPSED = "lapsed"
    CLOSED = "closed"


DEPOSIT_TRANSITIONS: Mapping[DepositState, frozenset[DepositState]] = MappingProxyType(
    {
        DepositState.AWAITED: frozenset({DepositState.PAID, DepositState.LAPSED}),
        DepositState.PAID: frozenset({DepositState.CLOSED}),
        DepositState.LAPSED: frozenset(),
        DepositState.CLOSED: frozenset(),
    }
)


class DepositEntryKind(StrEnum):
    """Entries in the ledger of the region. USED: it left the bank in a payment to a provider; BACK: that payment came back. LEFT: the
    voucher has ended, and the rest has to go back to its sender."""

    RECEIVED = "deposit-received"
    USED = "deposit-used"
    BACK = "deposit-back"
    LEFT = "deposit-left"


DEPOSIT_MOVES: Mapping[DepositEntryKind, RegionMove] = MappingProxyType(
    {
        DepositEntryKind.RECEIVED: RegionMove(RegionAccount.CLEARING, RegionAccount.DEPOSITS),
        DepositEntryKind.USED: RegionMove(RegionAccount.DEPOSITS, RegionAccount.CLEARING),
        DepositEntryKind.BACK: RegionMove(RegionAccount.CLEARING, RegionAccount.DEPOSITS),
        DepositEntryKind.LEFT: RegionMove(RegionAccount.DEPOSITS, RegionAccount.SUSPENSE),
    }
)


def own_share(value: Money, policy: Policy, intensity_bp: int) -> Money:
    """What is paid in for a voucher of this value and rate; nothing where the policy asks for no deposit, and at a rate of 100 %."""
    return Money(own_share_minor(value.minor, intensity_bp) if policy.deposit else 0, value.currency)


def own_part(granted: Money, eligible: Money, left_minor: int, intensity_bp: int) -> int:
    """What of the deposit pays a claim beside the aid that is granted on it: the own share of that expenditure, at most what is left."""
    cost = min(eligible.minor, cost_minor(granted.minor, intensity_bp))
    return max(0, min(left_minor, cost - granted.minor))


@dataclass(frozen=True, slots=True)
class Awaited:
    """A deposit as a credit finds it. `account` is ours."""

    state: str
    account: str
    amount: Money
    due_at: datetime
    zone: str


def doubt_about_deposit(awaited: Awaited, account: str | None, amount: Money | None, booked_on: date | None) -> str | None:
    """Why a person has to look at the credit; None when it is the deposit. What counts is the day on which the bank booked it, not when its
    statement was read."""
    if account != awaited.account:
        return f"{DOUBTFUL}foreign-account"
    if awaited.state != DepositState.AWAITED:
        return f"{DOUBTFUL}when-{awaited.state}"
    if amount is None or amount.currency != awaited.amount.currency or amount.minor > awaited.amount.minor:
        return f"{DOUBTFUL}wrong-amount"
    if amount.minor < awaited.amount.minor:
        return f"{DOUBTFUL}partial"
    last = last_day_before(awaited.due_at, awaited.zone)
    return f"{DOUBTFUL}too-late" if booked_on is not None and booked_on > last else None


def refuse_before_deposit(state: str | None) -> None:
    """`Conflict` 'deposit-awaited': deposit and aid together pay the provider. None: no deposit is asked for."""
    if state not in (None, DepositState.PAID, DepositState.CLOSED):
        raise Conflict("deposit-awaited", "The own share is not paid in yet. Pay it in first; then the provider can be paid.")
