"""Events that `evaluation` publishes."""

from datetime import datetime
from uuid import UUID

from shared.contracts.common import AwardTerms, CallEvent, CaseEvent, Code, Currency, MinorUnits, SelectionMethodWord, TasksCounted
from shared.identity.duties import Duty

CASES, DECISIONS = "evaluation.cases", "evaluation.decisions"
TASKS = "evaluation.tasks"


class EvaluationEvent(CaseEvent, abstract=True, topic=CASES):
    """About the evaluation of an application."""


class DecisionEvent(CaseEvent, abstract=True, topic=DECISIONS):
    """A decision on an application."""


class CallDecisionEvent(CallEvent, abstract=True, topic=DECISIONS):
    """About the list or the draw of a call."""


class DrawCommitted(CallDecisionEvent):
    """SHA-256 (hex) of a secret nonce, published once the call is known, before it closes: nobody can choose the seed afterwards."""

    nonce_hash: str


class RandomnessRecorded(CallDecisionEvent, reader="case history; verify (invariant 4)"):
    """A beacon's round, dated `at`, after the end of screening: with the nonce it makes the seed. `randomness` and `signature` in hex;
    `file_hash` is SHA-256 of the file that is kept with it."""

    round: int
    at: datetime
    randomness: str
    signature: str
    file_hash: str


class EvaluatorAssigned(EvaluationEvent, version=2, renamed={1: {"place": "seat"}}, duty=Duty.SCORE, person="evaluator_id"):
    """An evaluator may score this application, and read it as far as it does not tell who applies. `seat` is 1 or 2, 3 for the third
    on divergence."""

    assignment_id: UUID
    evaluator_id: str
    seat: int
    due_at: datetime


class EvaluatorDeclared(EvaluationEvent):
    """The evaluator has declared that there is no conflict of interest, and may read all that the policy lets evaluators see."""

    assignment_id: UUID
    evaluator_id: str


class EvaluatorRecused(EvaluationEvent):
    """The evaluator may no longer read it: a conflict of interest was declared or found, an officer gave the seat to another one, or
    others score again after an appeal. The reason says which."""

    assignment_id: UUID
    evaluator_id: str


class QuestionAnswered(EvaluationEvent):
    """An officer has answered a question of an evaluator about the application. The words stay in evaluation."""

    question_id: UUID
    assignment_id: UUID
    evaluator_id: str


class EvaluationCompleted(EvaluationEvent, reader="case history; verify (invariant 4)"):
    """All score sheets that the policy asks for are in. `total_hundredths` is the mean total, in hundredths of a point. `number` is 2 or
    more when the case was scored again; older events lack it, and were the first."""

    total_hundredths: int
    score_sheets: int
    divergent: bool
    passed: bool
    number: int | None = None


class RankingApproved(
    CallDecisionEvent, version=2, renamed={1: {"method": "selection_method"}}, added={1: {"randomness": None}}, duty=Duty.DECIDE
):
    """The list is in force, once appeals are over. `list_hash` is SHA-256 of the published list; with `nonce`, `randomness` (where
    the policy asks for it) and `seed` anyone can repeat the draw (of a draw, and of ties)."""

    selection_method: SelectionMethodWord
    list_hash: str
    granted: int
    reserve: int
    refused: int
    nonce: str
    randomness: str | None = None
    seed: str


class AppealLodged(DecisionEvent, reader="case history", duty=Duty.APPLY):
    """The applicant appeals against the list: the decisions of the call wait until the appeal is decided."""

    appeal_id: UUID


class AppealDecided(DecisionEvent, reader="case history; verify (invariant 5)", duty=Duty.DECIDE_APPEAL):
    """An officer who took no part in the evaluation decided an appeal. `outcome`: dismissed or upheld; then the case is scored again."""

    appeal_id: UUID
    outcome: Code


class RankingRevised(CallDecisionEvent, reader="case history; verify (invariant 4)", duty=Duty.DECIDE):
    """After upheld appeals another list took the place of the last one. `seed` is that of the first list, so that applications with
    equal scores keep their order; `number` is 2 or more."""

    number: int
    list_hash: str
    granted: int
    reserve: int
    refused: int
    nonce: str
    seed: str


class AwardGranted(DecisionEvent):
    """Aid is awarded. `award_id` is derived from the application and `grant_number`, which counts up when a case that was not
    funded is granted again from the reserve list. `terms`: what this case gets, None where the policy gives all cases the same."""

    award_id: UUID
    grant_number: int
    organisation_id: UUID
    scheme: str
    amount_minor: MinorUnits
    currency: Currency
    policy_id: str
    rank: int
    from_reserve: bool
    terms: AwardTerms | None = None


class ExpressionChosen(DecisionEvent):
    """An expression of interest is within the budget of its list: its organisation is to be invited to submit an application. Nothing is
    awarded, and nothing is reserved. `rank` is that of the list."""

    organisation_id: UUID
    rank: int
    from_reserve: bool


class PlacedOnReserveList(DecisionEvent):
    """Fundable, but the envelope ends before it; moves up when funds are released. `position` is its rank in the list."""

    position: int


class AwardRefused(DecisionEvent):
    """Not funded; `rules` says why: below-threshold, below-criterion-threshold, envelope-exhausted, reserve-list-ended, withdrawn,
    de-minimis-ceiling (the ceiling of de minimis aid leaves too little for it). In a ranking, in hundredths of a point:
    `total_hundredths` of the application, and `cut_off_hundredths`, the least that was granted."""

    rules: list[Code]
    total_hundredths: int | None = None
    cut_off_hundredths: int | None = None


class EvaluationTasksCounted(TasksCounted, topic=TASKS):
    """What waits in a region: declaring, scoring, appeals and questions."""
