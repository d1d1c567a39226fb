"""Reports at the end of projects."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index
from sqlmodel import Field, col

from services.vouchers.domain.reports import REPORT_TRANSITIONS, ReportState
from services.vouchers.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed
from shared.database.states import guard_transitions
from shared.privacy.sealed import seal_columns, sealed


class ReportRow(Table, table=True):
    """The report on one voucher, with the questions that it was begun with. The answers are encrypted; they may become empty, when the term
    of the case is over. `version` counts the changes, so that of two people neither overwrites the other's in silence.
    `note`: what an officer missed who returned it."""

    __tablename__ = "reports"
    __table_args__ = (
        Index("ix_reports_list", "region", "begun_at", "voucher_id"),
        CheckConstraint(one_of("state", ReportState), name="known_state"),
        # Stops a report that was sent by nobody, or at no time.
        CheckConstraint("num_nulls(sent_by, sent_at) = CASE WHEN state IN ('sent', 'accepted') THEN 0 ELSE 2 END", name="sent_by_somebody"),
        fixed("voucher_id application_id call_id region organisation_id form_id begun_at"),
    )

    voucher_id: UUID = Field(sa_column=Column(ForeignKey("vouchers.id"), primary_key=True))
    application_id: UUID = Field(index=True)
    call_id: UUID
    region: str
    organisation_id: UUID = Field(index=True)
    form_id: str
    state: str = ReportState.DRAFT
    answers: dict[str, Any] | None = sealed(nullable=True)
    version: int = 1
    begun_at: datetime = Field(sa_type=INSTANT)
    changed_at: datetime = Field(sa_type=INSTANT)
    sent_at: datetime | None = instant()
    sent_by: str | None = None
    note: str | None = sealed(nullable=True)


guard_transitions(col(ReportRow.state), REPORT_TRANSITIONS)
seal_columns(ReportRow, subject="organisation_id", was_plain=False)
