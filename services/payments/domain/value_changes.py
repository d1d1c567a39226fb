"""May a voucher be worth another amount? (No I/O, no clock: everything is an argument.)"""

from dataclasses import dataclass
from enum import StrEnum

from services.payments.domain.states import MoneyState


class ValueRule(StrEnum):
    """Why not. ENVELOPE_EXHAUSTED is found by the statement that takes the money, CEILING by the ledger of aid, not here."""

    CLAIMS_CLOSED = "claims-closed"
    BELOW_CLAIMED = "below-claimed"
    ENVELOPE_EXHAUSTED = "envelope-exhausted"
    CEILING = "de-minimis-ceiling"


@dataclass(frozen=True, slots=True)
class ValueFacts:
    """`claimed_minor` is what is asked for, granted or paid. `ordered_before_restore`: a payment file from before a restore pays on the
    voucher, and its claim is lost: how much is claimed is not known."""

    state: str
    closure_reason: str | None
    value_minor: int
    claimed_minor: int
    ordered_before_restore: bool = False


@dataclass(frozen=True, slots=True)
class ValueRefusal:
    rule: ValueRule
    limit_minor: int


def refusal_of(facts: ValueFacts, wanted_minor: int) -> ValueRefusal | None:
    """What is claimed bounds a lower amount. None: only the envelope is left to ask, for a higher one."""
    if facts.state != MoneyState.ISSUED or facts.closure_reason is not None or facts.ordered_before_restore:
        return ValueRefusal(ValueRule.CLAIMS_CLOSED, facts.value_minor)
    if wanted_minor < facts.claimed_minor:
        return ValueRefusal(ValueRule.BELOW_CLAIMED, facts.claimed_minor)
    return None
