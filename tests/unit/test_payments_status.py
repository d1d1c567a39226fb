"""The life of an attempt: every pair of state and event, the allowed and the refused."""

import pytest

from services.payments.domain.status import CORRECTABLE, FINAL, IN_FLIGHT, AttemptState, PaymentEvent, next_state, require_move
from shared.kernel.errors import Conflict

# One row a state, one column an event: the state after it, "=" when it changes nothing, "." when it must not be.
MATRIX = """
            approved account-changed cancelled sealed orphan-matched sent timed-out enquired bank-accepted bank-rejected booked returned
  prepared  approved =               cancelled .      .              .    .         .        .             .             .      .
  approved  .        prepared        cancelled sealed unknown        .    .         .        .             .             .      .
  sealed    .        .               .         .      .              sent .         .        accepted      rejected      paid   .
  sent      .        .               .         .      .              =    unknown   .        accepted      rejected      paid   .
  accepted  .        .               .         .      .              =    =         .        =             .             paid   .
  rejected  .        .               cancelled .      .              =    =         .        .             =             .      .
  unknown   .        .               .         .      .              =    =         =        accepted      rejected      paid   .
  paid      .        .               .         .      .              =    =         .        =             .             =      returned
  returned  .        .               cancelled .      .              =    =         .        =             .             =      =
  cancelled .        .               .         .      .              .    .         .        .             .             .      .
"""


CONFIRMED = {
    (AttemptState.ACCEPTED, PaymentEvent.REJECTION_CONFIRMED): AttemptState.REJECTED,
    (AttemptState.REJECTED, PaymentEvent.BOOKING_CONFIRMED): AttemptState.PAID,
}
"""The only moves by an answer of the bank that contradicts an earlier one: a person has confirmed it."""
CORRECTED = {
    (AttemptState.RETURNED, PaymentEvent.BOOKED_AGAIN): AttemptState.PAID,
    (AttemptState.RETURNED, PaymentEvent.UNDONE): AttemptState.PAID,
    **{(state, PaymentEvent.UNDONE): AttemptState.UNKNOWN for state in (AttemptState.ACCEPTED, AttemptState.REJECTED, AttemptState.PAID)},
}
"""The only moves by another debit after a return, and by persons who take back what they have said."""


def cases() -> list[tuple[AttemptState, PaymentEvent, str]]:
    columns, *lines = [line.split() for line in MATRIX.strip().splitlines()]
    return [(AttemptState(row[0]), PaymentEvent(column), cell) for row in lines for column, cell in zip(columns, row[1:], strict=True)]


def test_matrix_has_every_pair() -> None:
    assert len(cases()) == len(AttemptState) * (len(PaymentEvent) - 4)


def test_confirmed_answer_moves_only_what_it_contradicted() -> None:
    events = (PaymentEvent.REJECTION_CONFIRMED, PaymentEvent.BOOKING_CONFIRMED, PaymentEvent.BOOKED_AGAIN, PaymentEvent.UNDONE)
    moves = {(state, event): target for state in AttemptState for event in events if (target := next_state(state, event))}
    assert moves == CONFIRMED | CORRECTED


@pytest.mark.parametrize(("state", "event", "expected"), cases())
def test_each_pair_of_state_and_event(state: AttemptState, event: PaymentEvent, expected: str) -> None:
    target = next_state(state, event)
    if expected == ".":
        assert target is None
        with pytest.raises(Conflict):
            require_move(state, event)
    else:
        assert target == (state if expected == "=" else AttemptState(expected))
        assert require_move(state, event) is target


def test_unknown_ends_by_an_answer_of_the_bank_only() -> None:
    leads_to = {next_state(AttemptState.UNKNOWN, event) for event in PaymentEvent} - {None, AttemptState.UNKNOWN}
    assert leads_to == {AttemptState.ACCEPTED, AttemptState.REJECTED, AttemptState.PAID}
    assert AttemptState.UNKNOWN not in CORRECTABLE


def test_payment_in_flight_is_not_final_or_cancellable() -> None:
    assert not IN_FLIGHT & (FINAL | CORRECTABLE)
    assert all(next_state(state, PaymentEvent.CANCELLED) is None for state in IN_FLIGHT)
