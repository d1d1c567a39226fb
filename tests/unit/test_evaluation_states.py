"""The transition tables of evaluation are complete, and the tables' columns are held to them."""

from uuid import UUID

import pytest

from services.evaluation.domain.states import ASSIGNMENT_TRANSITIONS, DECISION_TRANSITIONS, QUEUE_TRANSITIONS, QueueState
from services.evaluation.tables import AssignmentRow, QueueEntryRow
from shared.kernel.vocabulary import AssignmentState, DecisionOutcome


def test_every_state_has_its_transitions() -> None:
    assert list(ASSIGNMENT_TRANSITIONS) == list(AssignmentState)
    assert list(QUEUE_TRANSITIONS) == list(QueueState)
    assert list(DECISION_TRANSITIONS) == list(DecisionOutcome)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (AssignmentState.ASSIGNED, AssignmentState.SCORED),  # without a declaration
        (AssignmentState.SCORED, AssignmentState.ASSIGNED),
        (AssignmentState.RECUSED, AssignmentState.DECLARED),
        (AssignmentState.VOID, AssignmentState.SCORED),
    ],
)
def test_illegal_assignment_transition_is_a_defect(start: AssignmentState, end: AssignmentState) -> None:
    row = AssignmentRow(id=UUID(int=1), state=start)
    with pytest.raises(AssertionError, match=f"from {start} to {end}"):
        row.state = end


def test_withdrawn_queue_entry_never_changes() -> None:
    entry = QueueEntryRow(sequence=1, state=QueueState.WITHDRAWN)
    with pytest.raises(AssertionError):
        entry.state = QueueState.ELIGIBLE
