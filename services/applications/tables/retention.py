"""The report of the removals."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlmodel import Column, Field

from services.applications.domain.ending import RemovalOutcome
from services.applications.tables.base import Table
from shared.database.base import INSTANT, one_of
from shared.database.privileges import written_once


class RetentionRunRow(Table, table=True):
    """One run over the cases of a region. The key, which is derived from region and day, stops a second run for the same day."""

    __tablename__ = "retention_runs"
    __table_args__ = (Index("ix_retention_runs_list", "region", "at", "id"), written_once())

    id: UUID = Field(primary_key=True)
    region: str
    at: datetime = Field(sa_type=INSTANT)
    removed: int
    held: int
    failed: int


class RetentionResultRow(Table, table=True):
    """What a run did with a case whose term was over. `reason` is a code."""

    __tablename__ = "retention_results"
    __table_args__ = (
        CheckConstraint(one_of("outcome", RemovalOutcome), name="known_outcome"),
        Index("ix_retention_results_case", "application_id"),
        Index("ix_retention_results_list", "region", "at", "application_id"),
        written_once(),
    )

    run_id: UUID = Field(sa_column=Column(ForeignKey("retention_runs.id"), primary_key=True))
    application_id: UUID = Field(sa_column=Column(ForeignKey("applications.id"), primary_key=True))
    region: str
    at: datetime = Field(sa_type=INSTANT)
    policy_id: str
    retention_class: str
    kept_until: datetime = Field(sa_type=INSTANT)
    outcome: str
    reason: str
