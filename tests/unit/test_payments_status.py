"""The life of an attempt: every pair of state and happening, the allowed and the refused."""

import pytest

from services.payments.domain.status import CORRECTABLE, FINAL, IN_FLIGHT, Happening, State, next_state, require_move
from shared.kernel.errors import Conflict

# One row a state, one column a happening: the state after it, "=" when it is old news, "." when it must not be.
MATRIX = """
              approved  account-changed cancelled  sealed  found    sent  silent   enquired  bank-accepted  bank-rejected  booked  came-back
  prepared    approved  =               cancelled  .       .        .     .        .         .              .              .       .
  approved    .         prepared        cancelled  sealed  unknown  .     .        .         .              .              .       .
  sealed      .         .               .          .       .        sent  .        .         accepted       rejected       paid    .
  sent        .         .               .          .       .        =     unknown  .         accepted       rejected       paid    .
  accepted    .         .               .          .       .        =     =        .         =              rejected       paid    .
  rejected    .         .               cancelled  .       .        =     =        .         .              =              .       .
  unknown     .         .               .          .       .        =     =        =         accepted       rejected       paid    .
  paid        .         .               .          .       .        =     =        .         =              .              =       returned
  returned    .         .               cancelled  .       .        =     =        .         =              .              =       =
  cancelled   .         .               .          .       .        .     .        .         .              .              .       .
"""


def cases() -> list[tuple[State, Happening, str]]:
    columns, *lines = [line.split() for line in MATRIX.strip().splitlines()]
    return [(State(row[0]), Happening(column), cell) for row in lines for column, cell in zip(columns, row[1:], strict=True)]


def test_the_matrix_names_every_pair() -> None:
    assert len(cases()) == len(State) * len(Happening)


@pytest.mark.parametrize(("state", "happening", "expected"), cases())
def test_each_pair_of_state_and_happening(state: State, happening: Happening, expected: str) -> None:
    target = next_state(state, happening)
    if expected == ".":
        assert target is None
        with pytest.raises(Conflict):
            require_move(state, happening)
    else:
        assert target == (state if expected == "=" else State(expected))
        assert require_move(state, happening) is target


def test_what_is_unknown_is_never_sent_again_or_given_up_without_an_answer() -> None:
    leads_to = {next_state(State.UNKNOWN, happening) for happening in Happening} - {None, State.UNKNOWN}
    assert leads_to == {State.ACCEPTED, State.REJECTED, State.PAID}
    assert State.UNKNOWN not in CORRECTABLE


def test_what_a_bank_may_hold_is_neither_final_nor_correctable_nor_cancellable() -> None:
    assert not IN_FLIGHT & (FINAL | CORRECTABLE)
    assert all(next_state(state, Happening.CANCELLED) is None for state in IN_FLIGHT)
