"""What the references of a line of the bank say: which of our ids it names, and which attempt of a payment a day speaks for."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol, TypeVar
from uuid import UUID

from services.payments.iso20022.model import own_payment, reference


class Dated(Protocol):
    """An attempt: the day on which it was booked, and the one for which it was ordered."""

    @property
    def paid_on(self) -> date | None: ...

    @property
    def execution_on(self) -> date | None: ...


class Ordered(Protocol):
    """An attempt as it is known by its ids."""

    @property
    def attempt_id(self) -> UUID: ...

    @property
    def disbursement_id(self) -> UUID: ...

    @property
    def batch_id(self) -> UUID | None: ...

    @property
    def number(self) -> int | None: ...


Attempt = TypeVar("Attempt", bound=Dated)
Number = tuple[UUID, int]
"""A payment, and the number of the attempt at it."""


def names_of(*texts: str | None) -> frozenset[UUID]:
    """The ids of ours, of a payment or of an attempt at it, whichever of the references has them: banks copy one into the other."""
    return frozenset(found[0] for text in texts if (found := own_payment(text)))


def naming_texts(
    end_to_end_id: str | None, instr_id: str | None, pmt_inf_id: str | None, message_id: str | None = None
) -> tuple[str | None, str | None]:
    """The references that say which payment is meant: EndToEndId and InstrId. Where neither is ours in form, those of the order: they name
    a batch, unless the bank has put a copy of one of the first two there."""
    own, of_order = (end_to_end_id, instr_id), (pmt_inf_id, message_id)
    return own if names_of(*own) or not names_of(*of_order) else of_order


def numbers_of(*texts: str | None) -> frozenset[Number]:
    """The attempts that the references name by their number: two where they contradict each other."""
    return frozenset((found[0], found[1]) for text in texts if (found := own_payment(text)) and found[1] is not None)


def all_names_of(*texts: str | None) -> frozenset[UUID | Number]:
    return names_of(*texts) | numbers_of(*texts)


def fits(one: Ordered, texts: Collection[str | None], batch_id: UUID | None) -> bool:
    """Whether all names are this order's. The group of transfers in a batch's file, and the first attempt at a payment, are written in the
    same way: banks put one of them in the place of the other too. `batch_id`: in the place of PmtInfId."""
    return (
        names_of(*texts) <= {one.disbursement_id, one.attempt_id, one.batch_id}
        and batch_id in (None, one.batch_id, one.disbursement_id, one.attempt_id)
        and {number for payment, number in numbers_of(*texts) if payment == one.disbursement_id} <= {one.number}
    )


def own_form(text: str | None) -> str | None:
    """The id in a reference as we write an id; it may be followed by a number."""
    found = own_payment(text)
    return reference(found[0]) if found else text


def is_repeated_name(names: frozenset[UUID | Number], other: frozenset[UUID | Number]) -> bool:
    """Whether a line with these names may be about the same attempt as one with the other names: one of the two names nothing that the
    other does not name too. Names as of `all_names_of`."""
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
