"""The response models. Money is in minor units; scores are hundredths of a point where the name says so."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.evaluation.domain.states import CaseState, RankingState
from shared.kernel.vocabulary import AssignmentState, DecisionOutcome, SelectionMethod


class EvaluatorView(BaseModel):
    """`relation_kinds`: the kinds of the known relations, never their values."""

    evaluator_id: str
    region: str
    languages: list[str]
    topics: list[str]
    relation_kinds: list[str]
    registered_at: datetime
    open_assignments: int


class AssignmentView(BaseModel):
    id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    evaluator_id: str
    seat: int
    state: AssignmentState
    assigned_at: datetime
    due_at: datetime
    overdue: bool
    declared_at: datetime | None
    scored_at: datetime | None


class CriterionView(BaseModel):
    id: str
    title: dict[str, str]
    points_max: int
    threshold_points_hundredths: int


class SheetView(BaseModel):
    """A score sheet without its author, who stays unknown to the other evaluators. `erased`: the comment is null, because what was held
    about the applicant was erased."""

    seat: int
    scores: dict[str, int]
    total_points: int
    comment: str | None
    erased: bool
    scored_at: datetime


class AssignmentDetail(AssignmentView):
    """`colleagues` is empty until the first sheets and the reader's own are submitted."""

    criteria: list[CriterionView]
    own_sheet: SheetView | None
    colleagues: list[SheetView]


class DecisionView(BaseModel):
    number: int
    outcome: DecisionOutcome
    rules: list[str]
    award_id: UUID | None
    grant_number: int | None
    amount_minor: int
    released_minor: int
    not_funded: bool
    decided_at: datetime
    superseded_at: datetime | None


class CriterionResultView(BaseModel):
    """A criterion with the mean of its points, and from how many on it is passed; in hundredths of a point."""

    id: str
    title: dict[str, str]
    points_max: int
    threshold_hundredths: int
    hundredths: int


class OwnDecisionView(BaseModel):
    """For the applicant: `decisions` from the first to the one in force. Points only where a ranking decides; `failed_rules` names the
    thresholds that were missed."""

    application_id: UUID
    call_id: UUID
    region: str
    currency: str
    selection_method: SelectionMethod
    rank: int | None
    total_hundredths: int | None
    threshold_hundredths: int | None
    failed_rules: list[str]
    criteria: list[CriterionResultView]
    decisions: list[DecisionView]
    reserve_list_ends_at: datetime


class CaseView(BaseModel):
    application_id: UUID
    call_id: UUID
    region: str
    sequence: int
    organisation_id: UUID
    requested_minor: int
    amount_minor: int
    currency: str
    policy_id: str
    language: str
    opened_at: datetime
    state: CaseState
    overdue: bool
    total_hundredths: int | None
    score_sheets: int
    divergent: bool
    failed_rules: list[str] | None
    rank: int | None
    decision: DecisionView | None


class NamedSheetView(SheetView):
    """A score sheet with its author, for officers and auditors."""

    assignment_id: UUID
    evaluator_id: str


class CaseDetail(CaseView):
    """`open_seats`: the seats for which no evaluator was found yet."""

    criteria_hundredths: dict[str, int] | None
    sheets: list[NamedSheetView]
    assignments: list[AssignmentView]
    decisions: list[DecisionView]
    open_seats: list[int]


class OutstandingView(BaseModel):
    """The work outstanding before the list is complete. `cases`: eligible ones that have not arrived, None until their number is known."""

    screening: bool
    cases: int | None
    unassigned_seats: int
    evaluations: int


class EntryView(BaseModel):
    """`listed_as` is the outcome in the approved list, `outcome` the decision in force."""

    rank: int | None
    application_id: UUID
    requested_minor: int
    amount_minor: int
    total_hundredths: int | None
    score_hundredths: int | None
    criteria_hundredths: dict[str, int]
    failed_rules: list[str]
    listed_as: str | None
    outcome: str | None


class EvaluatorStatisticsView(BaseModel):
    """`severity`: mean deviation in points from the mean of each case; negative is severe. None without a colleague to compare with."""

    evaluator_id: str
    sheets: int
    severity: float | None


class StatisticsView(BaseModel):
    """`icc`: ICC(1,1) over the first sheets of each case. `alpha`: Krippendorff, interval, over all sheets."""

    icc: float | None
    alpha: float | None
    evaluators: list[EvaluatorStatisticsView]


class RankingView(BaseModel):
    call_id: UUID
    region: str
    selection_method: SelectionMethod
    state: RankingState
    policy_id: str
    currency: str
    envelope_minor: int
    granted_minor: int
    waits_for: OutstandingView
    overdue: bool
    list_hash: str | None
    approved_by: str | None
    approved_at: datetime | None
    appeals_over_at: datetime | None
    entries: list[EntryView]
    statistics: StatisticsView


class DrawEntryView(BaseModel):
    application_id: UUID
    draw_key: str


class RandomnessView(BaseModel):
    """A round of the beacon `chain_hash`, with what proves it."""

    beacon: str
    chain_hash: str
    public_key: str
    round: int
    at: datetime
    randomness: str
    signature: str
    file: str
    file_hash: str


class DrawView(BaseModel):
    """Everything that is needed to repeat the draw; before the approval only the commitment, and the public randomness once it is
    recorded."""

    call_id: UUID
    nonce_hash: str
    committed_at: datetime
    opens_at: datetime
    randomness: RandomnessView | None = None
    list_hash: str | None = None
    nonce: str | None = None
    seed: str | None = None
    list_text: str | None = None
    order: list[DrawEntryView] = []


class LookupView(BaseModel):
    application_id: UUID | None
    call_id: UUID
    region: str
    kind: Literal["application", "call", "assignment", "award", "voucher"]
