"""Cases: the eligible applications of a call."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evaluation.tables.base import Table
from shared.database.base import INSTANT
from shared.database.privileges import fixed
from shared.privacy.sealed import about_subject


class CaseRow(Table, table=True):
    """An eligible application. Results are hundredths of a point; `failed_rules` is empty when all thresholds were met; `results`
    counts how often it had one; `terms` go with the award. After `removed_at` what was written about it is empty."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("call_id", "sequence", name="one_case_per_sequence"),
        # Two cases with one rank: the cut-off would depend on which is read first.
        UniqueConstraint("call_id", "rank", name="one_case_per_rank"),
        CheckConstraint("amount_minor >= 0 AND requested_minor >= 0", name="amounts"),
        CheckConstraint("total_hundredths BETWEEN 0 AND 10000", name="total"),
        # Half a result could be ranked.
        CheckConstraint(
            "(completed_at IS NULL) = (total_hundredths IS NULL) AND (completed_at IS NULL) = (criteria IS NULL)"
            " AND (completed_at IS NULL) = (failed_rules IS NULL)",
            name="result_is_whole",
        ),
        Index("ix_cases_call", "call_id"),
        Index("ix_cases_list", "region", "sequence", "application_id"),
        fixed(
            "application_id call_id region sequence submitted_at organisation_id requested_minor amount_minor currency policy_id opened_at "
            "terms"
        ),
    )

    application_id: UUID = Field(primary_key=True)
    call_id: UUID = Field(foreign_key="calls.id")
    region: str
    sequence: int
    submitted_at: datetime = Field(sa_type=INSTANT)
    organisation_id: UUID
    requested_minor: int = Field(sa_type=BigInteger)
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    policy_id: str
    language: str
    topics: list[str] = Field(sa_type=JSONB)
    relations: list[str] = Field(sa_type=JSONB)
    terms: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    opened_at: datetime = Field(sa_type=INSTANT)
    withdrawn_at: datetime | None = Field(default=None, sa_type=INSTANT)
    overdue_at: datetime | None = Field(default=None, sa_type=INSTANT)
    divergent: bool = False
    completed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    total_hundredths: int | None = None
    criteria: dict[str, int] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    failed_rules: list[str] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    score_sheets: int = 0
    results: int = 0
    rank: int | None = None
    removed_at: datetime | None = Field(default=None, sa_type=INSTANT)


about_subject(CaseRow, subject="organisation_id", of_agency=True)
