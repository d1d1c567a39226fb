"""What evaluators write beside the sheet that counts: drafts, sheets that were set aside, questions to the officer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evaluation.domain.states import SetAside
from services.evaluation.tables.base import Table
from shared.database.base import INSTANT, one_of
from shared.database.privileges import fixed, removable, written_once
from shared.privacy.sealed import seal_columns, sealed


class DraftRow(Table, table=True):
    """The draft of an assignment's score sheet: points, justifications and comment. `version` counts the times it was saved, so that two
    windows do not overwrite each other. Gone once the sheet is submitted."""

    __tablename__ = "drafts"
    __table_args__ = (CheckConstraint("version > 0", name="version"), removable(changing="version content saved_at"))

    assignment_id: UUID = Field(primary_key=True, foreign_key="assignments.id")
    region: str
    organisation_id: UUID
    version: int
    content: dict[str, Any] | None = sealed()
    saved_at: datetime = Field(sa_type=INSTANT)


class SetAsideSheetRow(Table, table=True):
    """A submitted sheet that counts no more, as it was: `set_aside_for` says why, `reason` in the officer's words. `number` counts the
    sheets of the assignment from 1."""

    __tablename__ = "set_aside_sheets"
    __table_args__ = (
        CheckConstraint(one_of("set_aside_for", SetAside), name="set_aside_for"),
        Index("ix_set_aside_sheets_case", "application_id"),
        written_once(but="justifications comment reason"),
    )

    assignment_id: UUID = Field(primary_key=True, foreign_key="assignments.id")
    number: int = Field(primary_key=True)
    application_id: UUID
    region: str
    organisation_id: UUID
    evaluator_id: str
    seat: int
    scores: dict[str, int] = Field(sa_type=JSONB)
    total_points: int
    justifications: dict[str, str] | None = sealed(nullable=True)
    comment: str | None = sealed(nullable=True)
    scored_at: datetime = Field(sa_type=INSTANT)
    set_aside_for: str
    set_aside_by: str
    set_aside_at: datetime = Field(sa_type=INSTANT)
    reason: str | None = sealed(nullable=True)


class QuestionRow(Table, table=True):
    """A question of an evaluator to the officers about one application, and the answer."""

    __tablename__ = "questions"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answer"),
        Index("ix_questions_list", "region", "asked_at", "id"),
        Index("ix_questions_open", "region", "asked_at", "id", postgresql_where="answered_at IS NULL"),
        Index("ix_questions_assignment", "assignment_id"),
        fixed("id assignment_id application_id call_id region organisation_id asked_by asked_at"),
    )

    id: UUID = Field(primary_key=True)
    assignment_id: UUID = Field(foreign_key="assignments.id")
    application_id: UUID
    call_id: UUID
    region: str
    organisation_id: UUID
    asked_by: str
    asked_at: datetime = Field(sa_type=INSTANT)
    question: str | None = sealed(nullable=True)
    answered_by: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=INSTANT)
    answer: str | None = sealed(nullable=True)


for _row in (DraftRow, SetAsideSheetRow, QuestionRow):
    seal_columns(_row, subject="organisation_id", of_agency=True, was_plain=False)
