"""What officers write while they screen: notes and flags, overrules of verdicts, acts on many applications."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.applications.domain.bulk import BulkAction
from services.applications.domain.overrules import OverruleState
from services.applications.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import written_once
from shared.privacy.sealed import seal_columns, sealed

_DECIDED = f"num_nulls(decided_by, decided_at) = CASE WHEN state = '{OverruleState.PROPOSED}' THEN 2 ELSE 0 END"
"""A decision of nobody."""


class NoteRow(Table, table=True):
    """A note of an officer on an application; one that `is_flag` marks it until it is lifted. `bulk_id`: of the act on many by which it was
    raised. `words` are empty after the removal of the case."""

    __tablename__ = "officer_notes"
    __table_args__ = (
        Index("ix_officer_notes_application", "application_id", "written_at"),
        Index("ix_officer_notes_flags", "call_id", "application_id", postgresql_where="is_flag AND lifted_at IS NULL"),
        CheckConstraint("num_nulls(lifted_at, lifted_by) IN (0, 2) AND (is_flag OR lifted_at IS NULL)", name="ck_officer_notes_lifted"),
        written_once(but="words lifted_at lifted_by"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="applications.id")
    call_id: UUID = Field(foreign_key="calls.id")
    organisation_id: UUID
    region: str
    is_flag: bool
    words: str | None = sealed(nullable=True)
    written_by: str
    written_at: datetime = Field(sa_type=INSTANT)
    bulk_id: UUID | None = None
    lifted_at: datetime | None = instant()
    lifted_by: str | None = None


class OverruleRow(Table, table=True):
    """The verdict `passed` of two officers in the place of a rule's, on the answers of one submission (`revision`)."""

    __tablename__ = "overrules"
    __table_args__ = (
        # Two verdicts of one rule on the same answers.
        Index(
            "uq_overrules_rule",
            "application_id",
            "revision",
            "rule",
            unique=True,
            postgresql_where=one_of("state", (OverruleState.PROPOSED, OverruleState.CONFIRMED)),
        ),
        Index("ix_overrules_list", "region", "proposed_at", "id"),
        CheckConstraint(one_of("state", OverruleState), name="ck_overrules_state"),
        CheckConstraint(
            f"num_nulls(decided_by, decided_at) = CASE WHEN state = '{OverruleState.PROPOSED}' THEN 2 ELSE 0 END",
            name="ck_overrules_decided",
        ),
        CheckConstraint(f"state <> '{OverruleState.CONFIRMED}' OR decided_by <> proposed_by", name="ck_overrules_two_persons"),
        written_once(but="words state decided_by decided_at"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="applications.id")
    call_id: UUID = Field(foreign_key="calls.id")
    organisation_id: UUID
    region: str
    revision: int
    rule: str
    passed: bool
    words: str | None = sealed(nullable=True)
    proposed_by: str
    proposed_at: datetime = Field(sa_type=INSTANT)
    state: str = OverruleState.PROPOSED
    decided_by: str | None = None
    decided_at: datetime | None = instant()


class BulkActRow(Table, table=True):
    """One act on many applications. `results`: of each, in their order, its id, outcome and the code of a refusal; no words."""

    __tablename__ = "bulk_acts"
    __table_args__ = (
        Index("ix_bulk_acts_call", "call_id", "at"),
        CheckConstraint(one_of("action", BulkAction), name="ck_bulk_acts_action"),
        CheckConstraint("num_nulls(undone_at, undone_by) IN (0, 2)", name="ck_bulk_acts_undone"),
        written_once(but="undone_at undone_by"),
    )

    id: UUID = Field(primary_key=True)
    call_id: UUID = Field(foreign_key="calls.id")
    region: str
    action: str
    by: str
    at: datetime = Field(sa_type=INSTANT)
    results: list[dict[str, Any]] = Field(sa_type=JSONB)
    undone_at: datetime | None = instant()
    undone_by: str | None = None


seal_columns(NoteRow, subject="organisation_id", of_agency=True, was_plain=False)
seal_columns(OverruleRow, subject="organisation_id", of_agency=True, was_plain=False)
