"""Assignments of evaluators to cases."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.evaluation.domain.states import ACTIVE, ASSIGNMENT_TRANSITIONS
from services.evaluation.tables.base import Table
from shared.database.base import INSTANT, one_of
from shared.database.privileges import fixed
from shared.database.states import guard_transitions
from shared.kernel.vocabulary import AssignmentState
from shared.privacy.sealed import seal_columns, sealed


class AssignmentRow(Table, table=True):
    """One evaluator on one case, with the score sheet once it is submitted. Comment and justifications are about the applicant,
    `organisation_id`, and encrypted with its key. `ended_for`: the reason of the event that took the evaluator off the case."""

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint(one_of("state", AssignmentState), name="state"),
        CheckConstraint("seat > 0", name="seat"),
        # The same evaluator twice on a case, or again after a recusal.
        UniqueConstraint("application_id", "evaluator_id", name="one_assignment_per_evaluator"),
        # Two evaluators in one seat: a case with more sheets than the policy asks for.
        Index("one_active_per_seat", "application_id", "seat", unique=True, postgresql_where=text(one_of("state", ACTIVE))),
        # A partial sheet, or one without a declaration.
        CheckConstraint(
            "(state = 'scored') = (total_points IS NOT NULL) AND (state = 'scored') = (scores IS NOT NULL)"
            " AND (state = 'scored') = (scored_at IS NOT NULL)",
            name="sheet_is_whole",
        ),
        CheckConstraint("state NOT IN ('declared', 'scored') OR declared_at IS NOT NULL", name="declared_before_scored"),
        CheckConstraint("total_points BETWEEN 0 AND 100", name="points"),
        ForeignKeyConstraint(["region", "evaluator_id"], ["evaluators.region", "evaluators.id"]),
        Index("ix_assignments_of_evaluator", "evaluator_id", "state", "due_at", "id"),
        Index("ix_assignments_call", "call_id"),
        Index("ix_assignments_list", "region", "due_at", "id"),
        fixed("id application_id call_id region organisation_id evaluator_id seat assigned_at"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="cases.application_id")
    call_id: UUID
    region: str
    organisation_id: UUID
    evaluator_id: str
    seat: int
    state: str
    assigned_at: datetime = Field(sa_type=INSTANT)
    due_at: datetime = Field(sa_type=INSTANT)
    declared_at: datetime | None = Field(default=None, sa_type=INSTANT)
    conflict_kind: str | None = None
    scored_at: datetime | None = Field(default=None, sa_type=INSTANT)
    scores: dict[str, int] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    total_points: int | None = None
    comment: str | None = sealed(nullable=True)
    justifications: dict[str, str] | None = sealed(nullable=True)
    sheets_set_aside: int = 0
    ended_for: str | None = None


guard_transitions(col(AssignmentRow.state), ASSIGNMENT_TRANSITIONS)
seal_columns(AssignmentRow, subject="organisation_id", of_agency=True)
