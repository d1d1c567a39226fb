"""The guard of a state column: only moves of the transition table, and no check where there is nothing to compare with."""

from enum import StrEnum

import pytest
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, col

from shared.database.states import guard_transitions


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    AMBER = "amber"


TRANSITIONS = {Light.RED: frozenset({Light.GREEN}), Light.GREEN: frozenset({Light.AMBER}), Light.AMBER: frozenset({Light.RED})}


class Table(SQLModel, registry=registry()):
    """A registry of its own, so that the table is no service's."""


class SignalRow(Table, table=True):
    __tablename__ = "signals"

    id: int = Field(primary_key=True)
    light: str = Light.RED
    note: str = ""


guard_transitions(col(SignalRow.light), TRANSITIONS)


@pytest.mark.parametrize("start", ["red", Light.RED])
def test_move_of_the_table_is_set(start: str) -> None:
    row = SignalRow(id=1, light=start)
    row.light = Light.GREEN
    row.light = "amber"
    assert row.light == Light.AMBER


@pytest.mark.parametrize("value", [Light.AMBER, "amber", "blue"])
@pytest.mark.parametrize("start", ["red", Light.RED])
def test_move_outside_the_table_is_a_defect(start: str, value: str) -> None:
    row = SignalRow(id=1, light=start)
    with pytest.raises(AssertionError, match=f"SignalRow.light: no transition from red to {value}"):
        row.light = value
    assert row.light == "red"


def test_same_state_again_is_allowed() -> None:
    row = SignalRow(id=1)
    row.light = "red"
    assert row.light == Light.RED


@pytest.mark.parametrize("first", list(Light))
def test_first_state_of_a_row_is_free(first: Light) -> None:
    assert SignalRow(id=1, light=first, note="x").light == first
