"""The life of one attempt to pay: which happening leads from which state to which, decided in this one table.

prepared → approved → sealed → sent → accepted | rejected | unknown → paid | returned, or cancelled. What the bank says may come
twice, late or before we have noted that the file is out; what says nothing new is `Stay`, what contradicts is `Contradiction`.
Unknown leads to nothing by itself but what the bank answers: it is never sent again.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.kernel.errors import Conflict


class State(StrEnum):
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


class Happening(StrEnum):
    APPROVED = "approved"  # by as many as the policy asks for
    ACCOUNT_CHANGED = "account-changed"
    CANCELLED = "cancelled"
    SEALED = "sealed"
    FOUND = "found"  # in a bank file that a lost database had sealed
    SENT = "sent"
    SILENT = "silent"
    ENQUIRED = "enquired"
    BANK_ACCEPTED = "bank-accepted"
    BANK_REJECTED = "bank-rejected"
    BOOKED = "booked"
    CAME_BACK = "came-back"


_P, _A, _SEALED, _SENT, _ACC, _REJ, _UNK, _PAID, _RET, _CAN = State

_IN_BANK = (_SEALED, _SENT, _ACC, _UNK)
"""The file may be with the bank. Sealed is among them: a crash after writing the file leaves it so until the next round."""

IN_FLIGHT = frozenset(_IN_BANK)
FINAL = frozenset({_PAID, _CAN})
CORRECTABLE = frozenset({_REJ, _RET})
"""After these a further attempt may be made."""

TABLE: Mapping[tuple[State, Happening], State] = MappingProxyType(
    {
        (_P, Happening.APPROVED): _A,
        (_P, Happening.ACCOUNT_CHANGED): _P,
        (_A, Happening.ACCOUNT_CHANGED): _P,
        **{(state, Happening.CANCELLED): _CAN for state in (_P, _A, _REJ, _RET)},
        (_A, Happening.SEALED): _SEALED,
        (_A, Happening.FOUND): _UNK,
        (_SEALED, Happening.SENT): _SENT,
        **{(state, Happening.SENT): state for state in (_SENT, _ACC, _REJ, _UNK, _PAID, _RET)},  # answered before it was noted
        (_SENT, Happening.SILENT): _UNK,
        **{(state, Happening.SILENT): state for state in (_ACC, _REJ, _UNK, _PAID, _RET)},
        (_UNK, Happening.ENQUIRED): _UNK,
        **{(state, Happening.BANK_ACCEPTED): _ACC for state in _IN_BANK},
        **{(state, Happening.BANK_ACCEPTED): state for state in (_PAID, _RET)},  # late
        **{(state, Happening.BANK_REJECTED): _REJ for state in (*_IN_BANK, _REJ)},
        **{(state, Happening.BOOKED): _PAID for state in (*_IN_BANK, _PAID)},
        (_RET, Happening.BOOKED): _RET,  # the same booking in another file
        (_PAID, Happening.CAME_BACK): _RET,
        (_RET, Happening.CAME_BACK): _RET,
    }
)


def next_state(state: State, happening: Happening) -> State | None:
    """The state after it; the same one when it is old news; None when it contradicts what is known or is not allowed."""
    return TABLE.get((state, happening))


def require_move(state: State, happening: Happening) -> State:
    """For what people and jobs do: `Conflict` 'illegal-transition' instead of None."""
    target = next_state(state, happening)
    if target is None:
        raise Conflict("illegal-transition", f"A disbursement that is {state} cannot be {happening}.", state=state.value)
    return target
