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
    """EXTENSION of the validity, another PROVIDER, a smaller AMOUNT."""

    EXTENSION = "extension"
    PROVIDER = "provider"
    AMOUNT = "amount"


class ChangeState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"


CHANGE_TRANSITIONS: Mapping[ChangeState, frozenset[ChangeState]] = MappingProxyType(
    {
        ChangeState.OPEN: frozenset({ChangeState.GRANTED, ChangeState.REFUSED}),
        ChangeState.GRANTED: frozenset(),
        ChangeState.REFUSED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: the field of its kind, the others are None."""

    kind: ChangeKind
    valid_until: datetime | None = None
    provider: str | None = None
    amount_minor: int | None = None


def check_wish(wish: Wish, voucher: Voucher, value: Money, redeemed: Money, policy: Policy, now: datetime) -> None:
    """When it is asked for, and again when it is granted: what can never be granted need not wait for an officer.

    Raises `Conflict` not-changeable, and for an extension as `extended`; `Refused` change-incomplete, amount-not-lower, amount-redeemed.
    """
    if voucher.state not in USABLE or voucher.outcome is not None or voucher.settled_at is not None:
        raise Conflict("not-changeable", "Only a voucher that is in use can be changed.", state=voucher.state)
    match wish:
        case Wish(kind=ChangeKind.EXTENSION, valid_until=datetime() as until):
            extended(policy, voucher, until, now)
        case Wish(kind=ChangeKind.PROVIDER, provider=str()):
            pass
        case Wish(kind=ChangeKind.AMOUNT, amount_minor=int() as amount_minor):
            _check_amount(Money(amount_minor, value.currency), value, redeemed)
        case _:
            needed = {ChangeKind.EXTENSION: "valid_until", ChangeKind.PROVIDER: "provider", ChangeKind.AMOUNT: "amount_minor"}
            raise Refused("change-incomplete", "Say what is to change.", field=needed[wish.kind])


def may_decide(state: ChangeState, granted: bool) -> bool:
    """False when it was decided so already. `Conflict` change-decided for another decision."""
    if state is ChangeState.OPEN:
        return True
    if state is not (ChangeState.GRANTED if granted else ChangeState.REFUSED):
        raise Conflict("change-decided", "This request was decided already: {state}.", state=state)
    return False


def _check_amount(amount: Money, value: Money, redeemed: Money) -> None:
    if amount >= value:
        raise Refused(
            "amount-not-lower", "A grant can only become smaller: less than {value}.", field="amount_minor", value=value,
            value_minor=value.minor,
        )  # fmt: skip
    if amount < redeemed:
        raise Refused(
            "amount-redeemed",
            "So much is paid already: {redeemed}.",
            field="amount_minor",
            redeemed=redeemed,
            redeemed_minor=redeemed.minor,
        )
