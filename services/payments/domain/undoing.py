"""Two persons take back what they have said of a payment: what it is then, and what speaks against it.

The bank's files are the truth, and a person may have read them wrongly. So an undoing leads to what is known without that person: a payment
that came back is paid again, one that was paid after a return has come back, and of any other nobody knows what the bank did. It is then
unknown, which only an answer of the bank or a proof ends, and is never sent again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from services.payments.domain.ledger import EntryKind
from services.payments.domain.status import AttemptState, PaymentEvent, next_state
from shared.kernel.errors import Conflict

UNDOES: Mapping[AttemptState, EntryKind] = MappingProxyType(
    {AttemptState.PAID: EntryKind.PAID_UNDONE, AttemptState.RETURNED: EntryKind.RETURNED_UNDONE}
)
"""The state that is taken back → the opposite entry in the ledger of the call."""

STATE_OF_EVENT: Mapping[str, AttemptState] = MappingProxyType(
    {
        PaymentEvent.BOOKED: AttemptState.PAID,
        PaymentEvent.RETURNED: AttemptState.RETURNED,
        PaymentEvent.BANK_REJECTED: AttemptState.REJECTED,
        PaymentEvent.BANK_ACCEPTED: AttemptState.ACCEPTED,
    }
)
"""What a line, or a proof, leads to."""


@dataclass(frozen=True, slots=True)
class SaidOfPayment:
    """What two persons have said, and what is known of the attempt now. `said_on`: the bank's day in what they have read, if it has one.
    `on`: that of the state now. `came_back`: the bank has returned it before it was paid again. `asked_back`: a recovery of it is open or
    settled, or so much of the voucher is recovered that it is part of it."""

    said: AttemptState
    state: AttemptState
    is_latest: bool = True
    said_on: date | None = None
    on: date | None = None
    came_back: bool = False
    asked_back: bool = False
    rejection_confirmed: bool = False


def state_undone(said: SaidOfPayment) -> AttemptState:
    """The state after the undoing. `Conflict` 'later-attempt', 'answer-superseded', 'payment-asked-back' or
    'rejection-confirmed-since': later facts rest on what was said."""
    if not said.is_latest:
        raise Conflict("later-attempt", "The payment has a further attempt since. What led to it stays as it is.")
    another_day = said.said_on is not None and said.on is not None and said.said_on != said.on
    target = None if said.state is not said.said or another_day else next_state(said.state, PaymentEvent.UNDONE)
    if target is None:
        raise Conflict(
            "answer-superseded",
            "The payment is {state} by a later answer of the bank or a later decision, which rests on this one. Undo that one first, or "
            "leave this one.",
            state=said.state.value,
        )
    if said.state is AttemptState.PAID and said.asked_back:
        raise Conflict(
            "payment-asked-back",
            "The payment is asked back by a recovery. Write the recovery off, or undo that a credit has settled it, and then undo this.",
        )
    if said.state is AttemptState.REJECTED and said.rejection_confirmed:
        raise Conflict(
            "rejection-confirmed-since",
            "Another person has asked the bank since, and confirmed that the payment was rejected. Prepare the next attempt.",
        )
    return AttemptState.RETURNED if said.state is AttemptState.PAID and said.came_back else target
