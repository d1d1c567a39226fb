"""What the references of a line of the bank say: which of our ids it names, and which attempt of a payment a day speaks for."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol, TypeVar
from uuid import UUID

from services.payments.iso20022.model import own_id, reference


class Dated(Protocol):
    """An attempt: the day on which it was booked, and the one for which it was ordered."""

    @property
    def paid_on(self) -> date | None: ...

    @property
    def execution_on(self) -> date | None: ...


Attempt = TypeVar("Attempt", bound=Dated)


def names_of(*texts: str | None) -> frozenset[UUID]:
    """The ids of ours, of a payment or of an attempt at it, whichever of the references has them: banks copy one into the other."""
    return frozenset(found for text in texts if (found := own_id(text)))


def own_form(text: str | None) -> str | None:
    """A reference as we wrote it."""
    found = own_id(text)
    return reference(found) if found else text


def is_repeated_name(names: frozenset[UUID], other: frozenset[UUID]) -> bool:
    """Whether a line with these names may be about the same attempt as one with the other names: one of the two names nothing that the
    other does not name too."""
    return names <= other or other <= names


def attempt_of_day(attempts: Sequence[Attempt], on: date | None, *, returned: bool) -> list[Attempt]:
    """Of several attempts at one payment, the one that a booking, or a return, of this day is of; none where the day does not say.

    A booking of the day on which one is booked is that one; else it is of one that was ordered for this day or before, and is not booked.
    What comes back on a day was booked on it or before: it is the last one that was.
    """
    if on is None:
        return []
    if returned:
        booked = sorted((one for one in attempts if one.paid_on and one.paid_on <= on), key=lambda one: one.paid_on or on)
        return booked[-1:]
    of_day = [one for one in attempts if one.paid_on == on]
    due = [one for one in attempts if one.paid_on is None and one.execution_on is not None and one.execution_on <= on]
    return [*of_day, *due] if len(of_day) + len(due) == 1 else []
