"""When is a voucher settled, and what is still to be recovered? (Counts and amounts in, an answer out.)"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.payments.domain.states import MoneyState


@dataclass(frozen=True, slots=True)
class Balance:
    """`open_*` count what has not ended: claims that are lodged, returned, or accepted without a disbursement, disbursements neither paid
    nor cancelled, recoveries neither settled nor written off. `held_minor`: kept of claims until the final report is decided."""

    state: str
    closure_reason: str | None
    value_minor: int
    claimed_minor: int
    open_claims: int
    open_disbursements: int
    open_recoveries: int
    held_minor: int = 0


def has_run_out(balance: Balance) -> bool:
    """No more claims may come (the window ended, withdrawn, revoked, or all is claimed), nothing is open, and nothing is kept."""
    no_more = balance.closure_reason is not None or balance.claimed_minor == balance.value_minor
    open_things = balance.open_claims + balance.open_disbursements + balance.open_recoveries
    return balance.state == MoneyState.ISSUED and no_more and open_things == 0 and balance.held_minor == 0


def largest_recovery(paid_minor: int, ordered_minors: Sequence[int]) -> int:
    """The part of the money paid that is not asked back yet; what was written off stays written off."""
    return max(0, paid_minor - sum(ordered_minors))
