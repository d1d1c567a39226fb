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
        _SCORED: frozenset({_DECLARED, _RECUSED, _VOID}),  # the sheet is set aside and kept
        _RECUSED: frozenset(),
        _VOID: frozenset(),
    }
)


class SetAside(StrEnum):
    """Why a submitted sheet counts no more: an officer opened it again, a conflict of interest was found late, or an appeal was upheld."""

    REOPENED = "reopened"
    CONFLICT = "conflict"
    APPEAL = "appeal"


class AppealState(StrEnum):
    """LODGED: to be decided. UPHELD: the case is scored again. SETTLED: the list in force has the new result. WITHDRAWN: with the
    application."""

    LODGED = "lodged"
    DISMISSED = "dismissed"
    UPHELD = "upheld"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


OPEN_APPEALS = (AppealState.LODGED, AppealState.UPHELD)
"""While there is one, the decisions of the call wait."""
APPEAL_TRANSITIONS: Mapping[AppealState, frozenset[AppealState]] = MappingProxyType(
    {
        AppealState.LODGED: frozenset({AppealState.DISMISSED, AppealState.UPHELD, AppealState.WITHDRAWN}),
        AppealState.UPHELD: frozenset({AppealState.SETTLED, AppealState.WITHDRAWN}),
        AppealState.DISMISSED: frozenset(),
        AppealState.SETTLED: frozenset(),
        AppealState.WITHDRAWN: frozenset(),
    }
)


class Rescoring(StrEnum):
    """Who scores a case again whose appeal was upheld: its evaluators, or others in their place."""

    SAME_EVALUATORS = "same-evaluators"
    OTHER_EVALUATORS = "other-evaluators"


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
        DecisionOutcome.RESERVE: frozenset({DecisionOutcome.GRANTED, DecisionOutcome.INVITED, DecisionOutcome.REFUSED}),
        DecisionOutcome.REFUSED: frozenset(),
        DecisionOutcome.INVITED: frozenset(),
    }
)
"""Which decision may supersede which. An award gives way only when it was not funded; a refusal and an invitation are final."""


class CaseState(StrEnum):
    """A case as the API shows it: the outcome of the decision in force, or how far the evaluation is."""

    OPEN = "open"
    EVALUATED = "evaluated"
    WITHDRAWN = "withdrawn"
    GRANTED = "granted"
    RESERVE = "reserve"
    REFUSED = "refused"
    INVITED = "invited"


class RankingState(StrEnum):
    """The list of a call as the API shows it. READY: complete, so it may be approved. REVISING: an appeal was upheld, another list takes
    the place of the approved one. DECIDED: decisions were issued."""

    WAITING = "waiting"
    READY = "ready"
    APPROVED = "approved"
    REVISING = "revising"
    DECIDED = "decided"


def classes_of(withdrawn: bool, outcome: str | None) -> frozenset[RetentionClass]:
    """The ways in which a case can have ended, by whether it was withdrawn and by the decision in force. None while it goes on."""
    if outcome == DecisionOutcome.GRANTED:
        return frozenset({RetentionClass.WITHDRAWN, RetentionClass.PAID})  # its voucher knows
    ends = {RetentionClass.WITHDRAWN} if withdrawn else set()
    return frozenset(ends | ({RetentionClass.REFUSED} if outcome in (DecisionOutcome.REFUSED, DecisionOutcome.INVITED) else set()))
