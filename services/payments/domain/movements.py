"""Money that left our account or came back for one attempt: when a line of the bank is one that is known, and when it is another.

The money at the bank is the truth. Each debit and each return of an attempt is one movement, whatever files say it, and in whatever order
they come: an attempt is paid while one more debit than returns of it are known, and returned while there are as many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Movement:
    """`kind`: of the message that said it, 'camt.053'. `line_id`: None for one that no line of its own says, such as a part of a batch."""

    on: date | None = None
    bank_reference: str | None = None
    kind: str | None = None
    line_id: UUID | None = None

    def is_same(self, other: "Movement") -> bool:
        """Of the same day. On the same day the bank's reference parts two movements only within one kind of message: a notification has
        another one than the statement of the same booking."""
        if None not in (self.on, other.on) and self.on != other.on:
            return False
        of_one_kind = None in (self.kind, other.kind) or self.kind == other.kind
        differ = None not in (self.bank_reference, other.bank_reference) and self.bank_reference != other.bank_reference
        return not (of_one_kind and differ)


def is_known(movement: Movement, known: Sequence[Movement], again: int) -> bool:
    """`again`: how many movements like this one the same statement has before it: two entries of one statement are two movements, and the
    statement of the month has both of them once more."""
    others = [one for one in known if one.line_id is None or one.line_id != movement.line_id]
    return sum(movement.is_same(one) for one in others) > again


def with_own(known: Sequence[Movement], own: Movement | None) -> tuple[Movement, ...]:
    """`own`: what the attempt itself says of its last one, unless a line says it."""
    said = own is None or any(one.on in (None, own.on) for one in known)
    return tuple(known) if said or own is None else (*known, own)
