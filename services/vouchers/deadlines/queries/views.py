"""The response models of the deadlines. Instants are ISO 8601 in UTC."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.vouchers.deadlines.domain.calendar import CallDateKind


class CallDateView(BaseModel):
    """`reached_at`: when it was announced. `replaced_at`: when an extension set a later date instead."""

    model_config = ConfigDict(from_attributes=True)

    kind: CallDateKind
    due_at: datetime
    reached_at: datetime | None
    replaced_at: datetime | None


class CallCalendarView(BaseModel):
    """`next` is the earliest date to come; None when there is none."""

    call_id: UUID
    region: str
    slug: str
    scheme: str
    selection_method: str
    policy_id: str
    ranking_approved_at: datetime | None
    dates: list[CallDateView]
    next: CallDateView | None
