"""What `evaluation` tells the others."""

from datetime import datetime
from uuid import UUID

from shared.contracts.common import CallEvent, CaseEvent, Code, Currency, MinorUnits

CASES, DECISIONS = "evaluation.cases", "evaluation.decisions"


class DrawCommitted(CallEvent, type="evaluation.DrawCommitted.v1", topic=DECISIONS, key="call_id", correlation="call_id"):
    """SHA-256 (hex) of a secret nonce, published once the call is known, before it closes: nobody can choose the seed afterwards."""

    nonce_hash: str


class EvaluatorAssigned(CaseEvent, type="evaluation.EvaluatorAssigned.v1", topic=CASES, key="application_id", correlation="application_id"):
    """An evaluator may read and score this application. `place` is 1 or 2, 3 for the third on divergence."""

    assignment_id: UUID
    evaluator_id: str
    place: int
    due_at: datetime


class EvaluatorRecused(CaseEvent, type="evaluation.EvaluatorRecused.v1", topic=CASES, key="application_id", correlation="application_id"):
    """The evaluator may no longer read it: a conflict of interest was declared or found."""

    assignment_id: UUID
    evaluator_id: str


class EvaluationCompleted(
    CaseEvent, type="evaluation.EvaluationCompleted.v1", topic=CASES, key="application_id", correlation="application_id"
):
    """All score sheets that the policy asks for are in. `total_hundredths` is the mean total, in hundredths of a point."""

    total_hundredths: int
    score_sheets: int
    divergent: bool
    passed: bool


class RankingApproved(CallEvent, type="evaluation.RankingApproved.v1", topic=DECISIONS, key="call_id", correlation="call_id"):
    """The list is in force, once appeals are over. `list_hash` is SHA-256 of the published list; `nonce` and `seed` let anyone
    repeat the draw (for a draw, and for ties)."""

    method: Code
    list_hash: str
    granted: int
    reserve: int
    refused: int
    nonce: str
    seed: str


class AwardGranted(CaseEvent, type="evaluation.AwardGranted.v1", topic=DECISIONS, key="application_id", correlation="application_id"):
    """Aid is awarded. `award_id` is derived from the application and `grant_number`, which counts up when a case that was not
    funded is granted again from the reserve list."""

    award_id: UUID
    grant_number: int
    organisation_id: UUID
    scheme: str
    amount_minor: MinorUnits
    currency: Currency
    policy_id: str
    rank: int
    from_reserve: bool


class PlacedOnReserveList(
    CaseEvent, type="evaluation.PlacedOnReserveList.v1", topic=DECISIONS, key="application_id", correlation="application_id"
):
    """Fundable, but the envelope ends before it; moves up when funds are released. `position` is its rank in the list."""

    position: int


class AwardRefused(CaseEvent, type="evaluation.AwardRefused.v1", topic=DECISIONS, key="application_id", correlation="application_id"):
    """Not funded; `rules` says why: below-threshold, below-criterion-threshold, envelope-exhausted, reserve-list-ended, withdrawn."""

    rules: list[Code]
