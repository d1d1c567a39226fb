"""Keeps a state column to the transition table of its domain."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Mapped
from sqlalchemy.orm.base import NO_VALUE

State = TypeVar("State", bound=StrEnum)


def guard_transitions(column: Mapped[Any], transitions: Mapping[State, frozenset[State]]) -> None:
    """From now on, setting `column` to a state that `transitions` does not lead to raises AssertionError.

    Called once beside the table: `guard_transitions(col(CallRow.state), TRANSITIONS)`. A command has decided by then, so an illegal
    move is a defect and not a refusal. The first state of a new row and the same state again are allowed. A row whose state is not
    loaded is not checked, and neither is SQL.
    """

    allowed = {str(state): following for state, following in transitions.items()}

    def check(_row: object, value: str, previous: object, _initiator: object) -> None:
        if previous is NO_VALUE or previous is None or value == previous:
            return
        if value not in allowed.get(str(previous), frozenset()):
            raise AssertionError(f"{column}: no transition from {previous} to {value}")

    event.listen(column, "set", check)
