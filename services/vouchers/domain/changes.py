"""What a beneficiary may ask to change, and what an officer may grant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from services.vouchers.domain.stages import USABLE, Voucher
from services.vouchers.domain.terms import extended
from shared.kernel.errors import Conflict, Refused
from shared.kernel.money import Money
from shared.policy.schema import Policy


class ChangeKind(StrEnum):
    """EXTENSION of the validity, another PROVIDER, another AMOUNT."""

    EXTENSION = "extension"
    PROVIDER = "provider"
    AMOUNT = "amount"


class ChangeState(StrEnum):
    """APPROVED: an officer has granted another amount, and payments has not answered yet."""

    OPEN = "open"
    APPROVED = "approved"
    GRANTED = "granted"
    REFUSED = "refused"


CHANGE_TRANSITIONS: Mapping[ChangeState, frozenset[ChangeState]] = MappingProxyType(
    {
        ChangeState.OPEN: frozenset({ChangeState.APPROVED, ChangeState.GRANTED, ChangeState.REFUSED}),
        ChangeState.APPROVED: frozenset({ChangeState.GRANTED, ChangeState.REFUSED}),
        ChangeState.GRANTED: frozenset(),
        ChangeState.REFUSED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: the fields of its kind, the others are None. `provider_hash`: keyed, of the provider's tax number."""

    kind: ChangeKind
    valid_until: datetime | None = None
    provider: str | None = None
    provider_tax_number: str | None = None
    provider_hash: str | None = None
    amount_minor: int | None = None


def check_wish(
    wish: Wish, voucher: Voucher, value: Money, redeemed: Money, policy: Policy, now: datetime, largest_minor: int | None = None
) -> None:
    """When it is asked for, and again when it is granted: what can never be granted need not wait for an officer. What is claimed, and
    what the envelope has, payments decides. `largest_minor`: the most of this voucher, where it is not the policy's.

    Raises `Conflict` not-changeable, and for an extension as `extended`; `Refused` change-incomplete, amount-same, amount-redeemed,
    amount-above-rules.
    """
    if voucher.state not in USABLE or voucher.outcome is not None or voucher.settled_at is not None:
        raise Conflict("not-changeable", "Only a voucher that is in use can be changed.", state=voucher.state)
    if policy.benefit is not None and wish.kind is not ChangeKind.EXTENSION:
        raise Conflict("change-of-money", "This voucher is not money: only its validity can be extended.")
    match wish:
        case Wish(kind=ChangeKind.EXTENSION, valid_until=datetime() as until):
            extended(policy, voucher, until, now)
        case Wish(kind=ChangeKind.PROVIDER, provider=str(), provider_hash=str()):
            pass
        case Wish(kind=ChangeKind.AMOUNT, amount_minor=int() as amount_minor):
            largest = policy.value.largest_minor if largest_minor is None else largest_minor
            _check_amount(Money(amount_minor, value.currency), value, redeemed, Money(largest, value.currency))
        case _:
            needed = {ChangeKind.EXTENSION: "valid_until", ChangeKind.PROVIDER: _lacking(wish), ChangeKind.AMOUNT: "amount_minor"}
            raise Refused("change-incomplete", "Say what is to change.", field=needed[wish.kind])


def _lacking(wish: Wish) -> str:
    return "provider_tax_number" if wish.provider is not None else "provider"


def granted_state(kind: ChangeKind) -> ChangeState:
    """What a grant makes of a request: another amount waits for payments."""
    return ChangeState.APPROVED if kind is ChangeKind.AMOUNT else ChangeState.GRANTED


def may_decide(state: ChangeState, granted: bool) -> bool:
    """False when it was decided so already. `Conflict` change-decided for another decision."""
    if state is ChangeState.OPEN:
        return True
    if (state is not ChangeState.REFUSED) is not granted:
        raise Conflict("change-decided", "This request was decided already: {state}.", state=state)
    return False


def _check_amount(amount: Money, value: Money, redeemed: Money, largest: Money) -> None:
    if amount == value:
        raise Refused("amount-same", "The voucher is worth {value} already. Enter another amount.", field="amount_minor", value=value)
    if amount < redeemed:
        raise Refused(
            "amount-redeemed",
            "So much is paid already: {redeemed}.",
            field="amount_minor",
            redeemed=redeemed,
            redeemed_minor=redeemed.minor,
        )
    if value < amount and largest < amount:
        raise Refused(
            "amount-above-rules",
            "The rules allow {largest} at most.",
            field="amount_minor",
            largest=largest,
            largest_minor=largest.minor,
        )
