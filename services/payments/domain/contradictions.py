"""When the bank contradicts itself: a payment with an open unmatched line is frozen until a person has resolved the line.

After a rejection the next attempt waits until the bank's statement shows that nothing was booked: a rejection alone, which anyone who
reaches the incoming folder could forge, would lead to a second payment.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from services.payments.domain.ledger import RegionEntryKind
from services.payments.domain.status import AttemptState, PaymentEvent, next_state
from shared.calendars.banks import next_bank_day
from shared.kernel.errors import Conflict


class LineResolution(StrEnum):
    """What a person has found out about an unmatched line. CONFIRMED: the bank stands by it, and it is applied. BANK_ERROR: the bank has
    withdrawn it. NO_EFFECT: the bank stands by it, and it changes nothing about the payment."""

    CONFIRMED = "confirmed"
    BANK_ERROR = "bank-error"
    NO_EFFECT = "no-effect"


class ProposedResolution(StrEnum):
    """What one person proposes to do with an unmatched line, and a second one confirms. MATCHED: it is about this payment, and applied to
    it. RECOVERY: the credit settles this recovery. INCOME: money that came in and belongs to no case. RETURNED_TO_SENDER: the bank is
    asked to send the money back. SENT_BACK: the debit with which it did. OTHERWISE: for another reason it changes nothing. UNDONE: what was
    booked by one of these is booked back, and the line is open again.

    CHARGE: a fee that the bank has taken. TO_COME_BACK: money that left and that nobody ordered, such as a second debit of one payment; the
    bank owes it. CAME_BACK: the credit with which it paid that back. RETURNED_IN_PART: the payment came back, less a rest. SPLIT: several
    of these at once, each for a part of the amount."""

    MATCHED = "matched"
    RECOVERY = "recovery"
    INCOME = "income"
    RETURNED_TO_SENDER = "returned-to-sender"
    SENT_BACK = "sent-back"
    OTHERWISE = "otherwise"
    UNDONE = "undone"
    CHARGE = "charge"
    TO_COME_BACK = "to-come-back"
    CAME_BACK = "came-back"
    RETURNED_IN_PART = "returned-in-part"
    SPLIT = "split"


RESOLUTIONS = (*LineResolution, *ProposedResolution)
_OF_CREDITS = (
    ProposedResolution.RECOVERY, ProposedResolution.INCOME, ProposedResolution.RETURNED_TO_SENDER, ProposedResolution.CAME_BACK,
    ProposedResolution.RETURNED_IN_PART,
)  # fmt: skip
_OF_DEBITS = (ProposedResolution.SENT_BACK, ProposedResolution.CHARGE, ProposedResolution.TO_COME_BACK)
OF_PAYMENTS = (ProposedResolution.MATCHED, ProposedResolution.RETURNED_IN_PART)
"""Change a payment."""
CHANGES_NOTHING = (ProposedResolution.OTHERWISE, LineResolution.BANK_ERROR, LineResolution.NO_EFFECT)
"""Nothing was booked by these, so that the line can be opened again."""


BOOKS: Mapping[ProposedResolution, RegionEntryKind] = MappingProxyType(
    {
        ProposedResolution.INCOME: RegionEntryKind.INCOME,
        ProposedResolution.RETURNED_TO_SENDER: RegionEntryKind.TO_SENDER,
        ProposedResolution.SENT_BACK: RegionEntryKind.SENT_BACK,
        ProposedResolution.CHARGE: RegionEntryKind.CHARGE,
        ProposedResolution.TO_COME_BACK: RegionEntryKind.TO_COME_BACK,
        ProposedResolution.CAME_BACK: RegionEntryKind.CAME_BACK,
    }
)
"""What a resolution books in the ledger of the region."""


def bookings(*, is_credit: bool) -> dict[ProposedResolution, RegionEntryKind]:
    """What an open line can be resolved to, as far as the ledger of the region gets an entry by it."""
    return {one: kind for one, kind in BOOKS.items() if (one in _OF_CREDITS) is is_credit}


def check_fits_line(resolution: ProposedResolution, *, is_credit: bool) -> None:
    """`Conflict` 'not-a-credit': only money that came in is income, settles a recovery, goes back to its sender or has come back;
    'not-a-debit' the other way round."""
    if resolution in _OF_CREDITS and not is_credit:
        raise Conflict("not-a-credit", "No money came in with this line. Match it to a payment, or resolve it otherwise.")
    if resolution in _OF_DEBITS and is_credit:
        raise Conflict("not-a-debit", "Money came in with this line. Say what it is: it was not sent back by it.")


_CONFIRMED: Mapping[str, PaymentEvent] = MappingProxyType(
    {PaymentEvent.BANK_REJECTED: PaymentEvent.REJECTION_CONFIRMED, PaymentEvent.BOOKED: PaymentEvent.BOOKING_CONFIRMED}
)


def confirmed_state(state: AttemptState, payment_event: str, *, is_latest: bool) -> AttemptState:
    """The attempt's state after a line of this event was confirmed. `Conflict` 'line-not-applicable': only a rejection after an acceptance
    and a booking after a rejection can be applied, and only to a payment without a later attempt."""
    event = _CONFIRMED.get(payment_event)
    target = next_state(state, event) if event and is_latest else None
    if target is None:
        raise Conflict(
            "line-not-applicable", "This line cannot be applied: {payment_event} on a payment that is {state}.",
            payment_event=payment_event, state=state.value,
        )  # fmt: skip
    return target


def proving_day(execution_on: date, sent_on: date | None, currency: str) -> date:
    """The bank day whose statement shows whether a rejected payment was booked: that of the execution, or of a later sending."""
    return execution_on if sent_on is None else max(execution_on, next_bank_day(sent_on, currency))
