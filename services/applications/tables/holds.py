"""Legal holds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.applications.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import written_once
from shared.kernel.vocabulary import HoldSubject


class HoldRow(Table, table=True):
    """A hold on a case or an organisation, in force until it is lifted. The reasons are codes."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        Index("ix_legal_holds_subject", "subject_id"),
        Index("ix_legal_holds_list", "region", "placed_at", "id"),
        CheckConstraint(one_of("subject_kind", HoldSubject), name="known_subject"),
        CheckConstraint("num_nulls(lifted_at, lifted_by, lifting_reason) IN (0, 3)", name="lifted_in_full"),
        CheckConstraint("lifted_by <> placed_by", name="lifted_by_a_second_person"),
        written_once(but="lifted_at lifted_by lifting_reason"),
    )

    id: UUID = Field(primary_key=True)
    region: str
    subject_kind: str
    subject_id: UUID
    reason: str
    placed_by: str
    placed_at: datetime = Field(sa_type=INSTANT)
    lifted_at: datetime | None = instant()
    lifted_by: str | None = None
    lifting_reason: str | None = None
