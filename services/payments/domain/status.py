"""The life of one attempt to pay: which event leads from which state to which, decided in this one table.

prepared → approved → sealed → sent → accepted | rejected | unknown → paid | returned, or cancelled. The bank's answers may come
twice, late, or before the file was recorded as sent. An event that changes nothing keeps the state; one that contradicts the state has
no entry: a rejection after an acceptance, and a booking after a rejection, count only once a person has confirmed them.
Only an answer of the bank leads out of unknown: such an attempt is never sent again.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.kernel.errors import Conflict


class AttemptState(StrEnum):
    PREPARED = "prepared"
    APPROVED = "approved"
    SEALED = "sealed"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    PAID = "paid"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class PaymentEvent(StrEnum):
    """What happens to an attempt. APPROVED: the last approval that the policy asks for was given.

    ORPHAN_MATCHED: a payment file from before a restore orders it. TIMED_OUT: the bank did not answer in time. ENQUIRED: a person
    asked the bank. The two that are CONFIRMED: a person asked the bank about its answer that contradicted an earlier one. BOOKED_AGAIN:
    another debit after the money had come back. UNDONE: two persons take back what they have said of the payment (`undoing.py`).
    """

    APPROVED = "approved"
    ACCOUNT_CHANGED = "account-changed"
    CANCELLED = "cancelled"
    SEALED = "sealed"
    ORPHAN_MATCHED = "orphan-matched"
    SENT = "sent"
    TIMED_OUT = "timed-out"
    ENQUIRED = "enquired"
    BANK_ACCEPTED = "bank-accepted"
    BANK_REJECTED = "bank-rejected"
    BOOKED = "booked"
    RETURNED = "returned"
    REJECTION_CONFIRMED = "rejection-confirmed"
    BOOKING_CONFIRMED = "booking-confirmed"
    BOOKED_AGAIN = "booked-again"
    UNDONE = "undone"


_P, _A, _SEALED, _SENT, _ACC, _REJ, _UNK, _PAID, _RET, _CAN = AttemptState

_IN_BANK = (_SEALED, _SENT, _ACC, _UNK)
"""The bank may have the file. Sealed is one of these states: after a crash between writing the file and recording it, an attempt is
sealed until the next round. Before its file is released the bank has no such attempt, and `bank_lines.py` applies no answer."""

IN_FLIGHT = frozenset(_IN_BANK)
FINAL = frozenset({_PAID, _CAN})
IN_FORCE = tuple(state for state in AttemptState if state not in (_REJ, _RET, _CAN))
"""The attempts of which a disbursement may have only one: on its way, or paid and not returned."""
CORRECTABLE = frozenset({_REJ, _RET})
"""After these a further attempt may be made."""

TRANSITIONS: Mapping[tuple[AttemptState, PaymentEvent], AttemptState] = MappingProxyType(
    {
        (_P, PaymentEvent.APPROVED): _A,
        (_P, PaymentEvent.ACCOUNT_CHANGED): _P,
        (_A, PaymentEvent.ACCOUNT_CHANGED): _P,
        **{(state, PaymentEvent.CANCELLED): _CAN for state in (_P, _A, _REJ, _RET)},
        (_A, PaymentEvent.SEALED): _SEALED,
        (_A, PaymentEvent.ORPHAN_MATCHED): _UNK,
        (_SEALED, PaymentEvent.SENT): _SENT,
        **{(state, PaymentEvent.SENT): state for state in (_SENT, _ACC, _REJ, _UNK, _PAID, _RET)},  # answered before it was recorded
        (_SENT, PaymentEvent.TIMED_OUT): _UNK,
        **{(state, PaymentEvent.TIMED_OUT): state for state in (_ACC, _REJ, _UNK, _PAID, _RET)},
        (_UNK, PaymentEvent.ENQUIRED): _UNK,
        **{(state, PaymentEvent.BANK_ACCEPTED): _ACC for state in _IN_BANK},
        **{(state, PaymentEvent.BANK_ACCEPTED): state for state in (_PAID, _RET)},  # late
        **{(state, PaymentEvent.BANK_REJECTED): _REJ for state in (_SEALED, _SENT, _UNK, _REJ)},
        (_ACC, PaymentEvent.REJECTION_CONFIRMED): _REJ,
        (_REJ, PaymentEvent.BOOKING_CONFIRMED): _PAID,
        **{(state, PaymentEvent.BOOKED): _PAID for state in (*_IN_BANK, _PAID)},
        (_RET, PaymentEvent.BOOKED): _RET,  # the same booking in another file
        (_RET, PaymentEvent.BOOKED_AGAIN): _PAID,
        **{(state, PaymentEvent.UNDONE): _UNK for state in (_ACC, _REJ, _PAID)},  # what the bank has done with it is not known any more
        (_RET, PaymentEvent.UNDONE): _PAID,
        (_PAID, PaymentEvent.RETURNED): _RET,
        (_RET, PaymentEvent.RETURNED): _RET,
    }
)

NEXT_STATES: Mapping[AttemptState, frozenset[AttemptState]] = MappingProxyType(
    {state: frozenset(target for (start, _), target in TRANSITIONS.items() if start is state) for state in AttemptState}
)
"""The table without its events: what the column of an attempt's state may be set to."""


ACTS_NEXT: Mapping[AttemptState, str] = MappingProxyType(
    {
        _P: "finance", _A: "finance", _SEALED: "finance", _SENT: "bank", _ACC: "bank", _REJ: "finance", _UNK: "finance", _PAID: "nobody",
        _RET: "finance", _CAN: "nobody",
    }
)  # fmt: skip
"""Who has an attempt in each state. After a reason that concerns the account its beneficiary acts first (`bank_reasons.py`)."""


def next_state(state: AttemptState, event: PaymentEvent) -> AttemptState | None:
    """The state after the event: the same one when the event changes nothing, None when it is not allowed or contradicts the state."""
    return TRANSITIONS.get((state, event))


def require_move(state: AttemptState, event: PaymentEvent) -> AttemptState:
    """The state after an event that a person or a job causes. `Conflict` 'illegal-transition' when it is not allowed."""
    target = next_state(state, event)
    if target is None:
        raise Conflict(
            "illegal-transition",
            "The payment's state is {state}, so it cannot be recorded as {event}. Read it again, and take a step that its state allows.",
            state=state.value,
            event=event.value,
        )
    return target


def states_before(event: PaymentEvent, target: AttemptState) -> list[AttemptState]:
    """The states from which the event leads to `target`."""
    return [state for state in AttemptState if next_state(state, event) is target]
