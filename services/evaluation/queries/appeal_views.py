"""The response models of results and appeals."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.evaluation.domain.states import AppealState, Rescoring


class AppealView(BaseModel):
    """`rescoring`: who scores the case again, after an upheld appeal. `erased`: the texts are null, because what was held about the
    applicant was erased."""

    id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    state: AppealState
    lodged_at: datetime
    grounds: str | None
    decided_at: datetime | None
    reasons: str | None
    rescoring: Rescoring | None
    erased: bool


class CriterionResultView(BaseModel):
    """A criterion with the mean of its points, and from how many on it is passed; in hundredths of a point."""

    id: str
    title: dict[str, str]
    points_max: int
    threshold_hundredths: int
    hundredths: int


class ResultView(BaseModel):
    """What an applicant may know of the evaluation once the list is in force. `may_appeal` until `appeal_until`."""

    application_id: UUID
    call_id: UUID
    listed_as: str | None
    listed_at: datetime | None
    rank: int | None
    total_hundredths: int | None
    threshold_hundredths: int | None
    criteria: list[CriterionResultView]
    failed_rules: list[str]
    appeal_until: datetime | None
    may_appeal: bool
    decisions_issued: bool
    appeal: AppealView | None


class RevisedListView(BaseModel):
    """A list that took the place of the last one after appeals; its seed is that of the first."""

    number: int
    list_hash: str
    list_text: str
    approved_at: datetime
