"""The response models. Money is in minor units; scores are hundredths of a point where the name says so."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.evaluation.domain.registration import RegistrationState
from services.evaluation.domain.states import CaseState, RankingState
from services.evaluation.queries.appeal_views import AppealView, RevisedListView
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
    sheets_set_aside: int
    ended_for: str | None


class CriterionView(BaseModel):
    """`guidance`: what to look at, by language; empty where the policy gives none."""

    id: str
    title: dict[str, str]
    points_max: int
    threshold_points_hundredths: int
    guidance: dict[str, str]


class SheetView(BaseModel):
    """A score sheet without its author, who stays unknown to the other evaluators. `erased`: comment and justifications are null, because
    what was held about the applicant was erased."""

    seat: int
    scores: dict[str, int]
    total_points: int
    comment: str | None
    justifications: dict[str, str] | None
    erased: bool
    scored_at: datetime


class DraftView(BaseModel):
    """The draft of a score sheet. `version` goes back with the next change."""

    version: int
    scores: dict[str, int]
    justifications: dict[str, str]
    comment: str
    saved_at: datetime


class SetAsideView(SheetView):
    """A sheet that counts no more. `set_aside_for`: reopened, conflict or appeal."""

    number: int
    set_aside_for: str
    set_aside_at: datetime
    reason: str | None


class QuestionView(BaseModel):
    id: UUID
    assignment_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    asked_at: datetime
    question: str | None
    answered_at: datetime | None
    answer: str | None
    erased: bool


class CandidateView(BaseModel):
    """An evaluator for a seat. `barred_by` names the rules that exclude the evaluator from the case: held-before, conflict, other-language,
    took-other-step, tied-to-call."""

    evaluator_id: str
    load: int
    topics: list[str]
    barred_by: list[str]


class LoadView(BaseModel):
    evaluator_id: str
    pending: int
    scored: int
    overdue: int


class EvaluationView(BaseModel):
    """How far the evaluation of a call is. `assignments`: state → their number."""

    call_id: UUID
    region: str
    slug: str
    selection_method: SelectionMethod
    evaluation_due_at: datetime
    screening_completed_at: datetime | None
    cases: int
    evaluated: int
    divergent: int
    open_seats: int
    assignments: dict[str, int]
    overdue: int
    open_questions: int
    load: list[LoadView]


class AssignmentDetail(AssignmentView):
    """`colleagues` is empty until the first sheets and the reader's own are submitted. `draft`, `set_aside` and `questions` are those of
    the assignment. `blind`: who applies stays unknown after the declaration too."""

    criteria: list[CriterionView]
    total_threshold: int | None
    divergence_points: int | None
    justification_min_length: int | None
    blind: bool
    draft: DraftView | None
    own_sheet: SheetView | None
    colleagues: list[SheetView]
    set_aside: list[SetAsideView]
    questions: list[QuestionView]


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


class RegistrationView(BaseModel):
    """`state`: reserved, queued, released or decided. `ahead`: earlier applications that hold money or wait for it. `in_repair`: not
    screened yet, which includes a file that is being repaired."""

    application_id: UUID
    call_id: UUID
    region: str
    state: RegistrationState
    ahead: int
    requested_minor: int | None
    currency: str
    in_repair: bool


class ResultView(BaseModel):
    """What an applicant may know, null or empty until the list is in force or the case is decided. Points only where a ranking decides:
    `criteria` have the means, `failed_rules` names the thresholds that were missed. Of an application that is not granted:
    `cut_off_hundredths`, the least score that is, and `missing_hundredths`, what it lacks to it. `decisions` from the first to the one in
    force; one may award a part of `amount_minor`, which was found eligible. `may_appeal` until `appeal_until`."""

    application_id: UUID
    call_id: UUID
    region: str
    currency: str
    selection_method: SelectionMethod
    listed_as: str | None
    listed_at: datetime | None
    rank: int | None
    total_hundredths: int | None
    threshold_hundredths: int | None
    failed_rules: list[str]
    criteria: list[CriterionResultView]
    cut_off_hundredths: int | None
    missing_hundredths: int | None
    amount_minor: int
    decisions: list[DecisionView]
    decisions_issued: bool
    reserve_list_ends_at: datetime
    appeal_until: datetime | None
    may_appeal: bool
    appeal: AppealView | None


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
    criteria: list[CriterionView]
    sheets: list[NamedSheetView]
    set_aside: list[SetAsideView]
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
    """`listed_as` and `listed_rank` are those of the list in force, `proposed` the outcome of a list that is not approved yet, `outcome`
    the decision in force. `withdrawn` since the list was approved."""

    rank: int | None
    application_id: UUID
    requested_minor: int
    amount_minor: int
    total_hundredths: int | None
    score_hundredths: int | None
    criteria_hundredths: dict[str, int]
    failed_rules: list[str]
    listed_as: str | None
    listed_rank: int | None
    proposed: str | None
    outcome: str | None
    awarded_minor: int | None
    withdrawn: bool


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
    """`conflict_found_at`: after the approval of the list; another one takes its place. `free_minor`: of the envelope, not awarded by this
    list or, once decisions are issued, by them; `waiting` entries are on the reserve list, and the first of them asks for `next_minor`.
    `when_short`: what the policy does with money that is less than that."""

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
    appeal_until: datetime | None
    appeals_over_at: datetime | None
    open_appeals: int
    upheld_appeals: int
    conflict_found_at: datetime | None
    when_short: str
    free_minor: int
    waiting: int
    next_minor: int | None
    list_number: int
    total_threshold: int | None
    criteria: list[CriterionView]
    entries: list[EntryView]
    statistics: StatisticsView


class SupposedEntryView(BaseModel):
    """Its place under the supposition, and beside it the one that the record gives."""

    application_id: UUID
    amount_minor: int
    rank: int
    score_hundredths: int
    failed_rules: list[str]
    outcome: DecisionOutcome
    recorded_rank: int
    recorded_outcome: DecisionOutcome


class WhatIfView(BaseModel):
    """`weights`: criterion → most points. `changed`: how many outcomes differ from the record."""

    call_id: UUID
    currency: str
    envelope_minor: int
    threshold: int | None
    weights: dict[str, int]
    granted_minor: int
    changed: int
    entries: list[SupposedEntryView]


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
    recorded. `awaits_beacon`: of which beacon a round is still to be recorded."""

    call_id: UUID
    nonce_hash: str
    committed_at: datetime
    opens_at: datetime
    awaits_beacon: str | None = None
    randomness: RandomnessView | None = None
    list_hash: str | None = None
    nonce: str | None = None
    seed: str | None = None
    list_text: str | None = None
    order: list[DrawEntryView] = []
    revisions: list[RevisedListView] = []
