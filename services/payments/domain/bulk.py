"""Many approvals by one act: of the sum that the person saw, each payment decided by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.payments.domain.status import AttemptState
from shared.kernel.errors import Conflict, Refused
from shared.kernel.money import Money, total

MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class ToApprove:
    """What the approver read of one payment."""

    disbursement_id: UUID
    payment_hash: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """One of the payments as it is now."""

    disbursement_id: UUID
    state: AttemptState
    amount: Money


@dataclass(frozen=True, slots=True)
class ItemResult:
    """`state` after the act; `refusal`: why it was not approved."""

    disbursement_id: UUID
    state: str
    refusal: Refused | None = None


def check_total(asked: Sequence[ToApprove], found: Sequence[Waiting], expected: Money) -> None:
    """The sum of those that still wait for an approval has to be the one that the approver saw. `Refused` 'listed-twice',
    `Conflict` 'total-changed'."""
    if len({one.disbursement_id for one in asked}) < len(asked):
        raise Refused("listed-twice", "A payment is listed twice. Choose each payment once.", field="items")
    waiting = [one.amount for one in found if one.state is AttemptState.PREPARED]
    sums = {amount.currency for amount in waiting} | {expected.currency}
    current = total(waiting, expected.currency) if len(sums) == 1 else None
    if current != expected:
        raise Conflict(
            "total-changed",
            "The payments that you chose are not those that wait now: another person has decided one, or it was changed. Nothing was "
            "approved. Read the list again.",
            expected=expected,
        )
