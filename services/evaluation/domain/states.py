"""The states of assignments, of the queue of a first-come call and of decisions, and which state may follow which."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.kernel.vocabulary import AssignmentState, DecisionOutcome, RetentionClass

_ASSIGNED, _DECLARED, _SCORED, _RECUSED, _VOID = AssignmentState

PENDING = (_ASSIGNED, _DECLARED)
"""The evaluator has not submitted a score sheet yet."""
ACTIVE = (_ASSIGNED, _DECLARED, _SCORED)
"""The evaluator holds a seat of the case."""

ASSIGNMENT_TRANSITIONS: Mapping[AssignmentState, frozenset[AssignmentState]] = MappingProxyType(
    {
        _ASSIGNED: frozenset({_DECLARED, _RECUSED, _VOID}),
        _DECLARED: frozenset({_SCORED, _RECUSED, _VOID}),
        _SCORED: frozenset(),
        _RECUSED: frozenset(),
        _VOID: frozenset(),
    }
)


class QueueState(StrEnum):
    """An application in the queue of a first-come call. WAITING: submitted, not screened yet. MOVED: it lost this place and has a later
    one."""

    WAITING = "waiting"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"


QUEUE_TRANSITIONS: Mapping[QueueState, frozenset[QueueState]] = MappingProxyType(
    {
        QueueState.WAITING: frozenset({QueueState.ELIGIBLE, QueueState.INELIGIBLE, QueueState.WITHDRAWN, QueueState.MOVED}),
        QueueState.ELIGIBLE: frozenset({QueueState.WITHDRAWN}),
        QueueState.INELIGIBLE: frozenset({QueueState.WITHDRAWN}),
        QueueState.WITHDRAWN: frozenset(),
        QueueState.MOVED: frozenset(),
    }
)

DECISION_TRANSITIONS: Mapping[DecisionOutcome, frozenset[DecisionOutcome]] = MappingProxyType(
    {
        DecisionOutcome.GRANTED: frozenset({DecisionOutcome.RESERVE, DecisionOutcome.REFUSED}),
        DecisionOutcome.RESERVE: frozenset({DecisionOutcome.GRANTED, DecisionOutcome.REFUSED}),
        DecisionOutcome.REFUSED: frozenset(),
    }
)
"""Which decision may supersede which. An award gives way only when it was not funded; a refusal is final."""


class CaseState(StrEnum):
    """A case as the API shows it: the outcome of the decision in force, or how far the evaluation is."""

    OPEN = "open"
    EVALUATED = "evaluated"
    WITHDRAWN = "withdrawn"
    GRANTED = "granted"
    RESERVE = "reserve"
    REFUSED = "refused"


class RankingState(StrEnum):
    """The list of a call as the API shows it. READY: complete, so it may be approved. DECIDED: decisions were issued."""

    WAITING = "waiting"
    READY = "ready"
    APPROVED = "approved"
    DECIDED = "decided"


def classes_of(withdrawn: bool, outcome: str | None) -> frozenset[RetentionClass]:
    """The ways in which a case can have ended, by whether it was withdrawn and by the decision in force. None while it goes on."""
    if outcome == DecisionOutcome.GRANTED:
        return frozenset({RetentionClass.WITHDRAWN, RetentionClass.PAID})  # its voucher knows
    ends = {RetentionClass.WITHDRAWN} if withdrawn else set()
    return frozenset(ends | ({RetentionClass.REFUSED} if outcome == DecisionOutcome.REFUSED else set()))
