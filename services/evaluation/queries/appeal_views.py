"""The response models of appeals."""

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


class RevisedListView(BaseModel):
    """A list that took the place of the last one after appeals; its seed is that of the first."""

    number: int
    list_hash: str
    list_text: str
    approved_at: datetime
