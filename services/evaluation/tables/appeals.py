"""Appeals against the list of a call, and the lists that took the place of the first one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.evaluation.domain.states import APPEAL_TRANSITIONS, AppealState, Rescoring
from services.evaluation.tables.base import Table
from shared.database.base import INSTANT, one_of
from shared.database.privileges import fixed, written_once
from shared.database.states import guard_transitions
from shared.privacy.sealed import seal_columns, sealed


class AppealRow(Table, table=True):
    """An applicant's appeal against the list with `list_hash`. `grounds` are the applicant's words, `reasons` those of the decision;
    `rescoring` says who scores again after an upheld one."""

    __tablename__ = "appeals"
    __table_args__ = (
        CheckConstraint(one_of("state", AppealState), name="state"),
        CheckConstraint("rescoring IS NULL OR " + one_of("rescoring", Rescoring), name="rescoring"),
        # A decision without a person, or half of one.
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decision"),
        CheckConstraint("state NOT IN ('dismissed', 'upheld', 'settled') OR decided_at IS NOT NULL", name="decided"),
        Index("ix_appeals_call", "call_id"),
        Index("ix_appeals_list", "region", "lodged_at", "id"),
        Index("ix_appeals_lodged", "region", "lodged_at", "id", postgresql_where="state = 'lodged'"),
        fixed("id application_id call_id region organisation_id list_hash lodged_by lodged_at"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="cases.application_id", unique=True)  # one remedy against one list
    call_id: UUID = Field(foreign_key="calls.id")
    region: str
    organisation_id: UUID
    list_hash: str
    state: str
    lodged_by: str
    lodged_at: datetime = Field(sa_type=INSTANT)
    grounds: str | None = sealed(nullable=True)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=INSTANT)
    reasons: str | None = sealed(nullable=True)
    rescoring: str | None = None


guard_transitions(col(AppealRow.state), APPEAL_TRANSITIONS)
seal_columns(AppealRow, subject="organisation_id", was_plain=False)


class RevisedRankingRow(Table, table=True):
    """The list that took the place of the last one after upheld appeals; the first one has number 1 and is a `RankingRow`."""

    __tablename__ = "revised_rankings"
    __table_args__ = (CheckConstraint("number > 1", name="number"), written_once())

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    number: int = Field(primary_key=True)
    list_hash: str
    list_text: str
    approved_by: str
    approved_at: datetime = Field(sa_type=INSTANT)
    outcomes: dict[str, str] = Field(sa_type=JSONB)
