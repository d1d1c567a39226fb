"""The transition tables of applications are complete, and the tables' columns are held to them."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from typing import TypeVar
from uuid import UUID

import pytest

from services.applications.domain.states import APPLICATION_TRANSITIONS, CALL_TRANSITIONS
from services.applications.tables import ApplicationRow, CallRow
from shared.kernel.vocabulary import ApplicationState, CallState

State = TypeVar("State", bound=StrEnum)


def illegal(transitions: Mapping[State, frozenset[State]]) -> list[tuple[State, State]]:
    return [(start, end) for start, end in product(transitions, repeat=2) if start != end and end not in transitions[start]]


def test_every_state_has_its_transitions() -> None:
    assert set(CALL_TRANSITIONS) == set(CallState)
    assert set(APPLICATION_TRANSITIONS) == set(ApplicationState)


@pytest.mark.parametrize(("start", "end"), illegal(APPLICATION_TRANSITIONS))
def test_illegal_transition_of_an_application_is_a_defect(start: ApplicationState, end: ApplicationState) -> None:
    row = ApplicationRow(id=UUID(int=1), state=start)
    with pytest.raises(AssertionError, match=f"from {start} to {end}"):
        row.state = end


@pytest.mark.parametrize(("start", "end"), illegal(CALL_TRANSITIONS))
def test_illegal_transition_of_a_call_is_a_defect(start: CallState, end: CallState) -> None:
    row = CallRow(id=UUID(int=1), state=start)
    with pytest.raises(AssertionError, match=f"from {start} to {end}"):
        row.state = end
