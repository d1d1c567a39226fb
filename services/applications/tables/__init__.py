"""Calls, applications, what was imported, and who may read what."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.database.base import INSTANT

LIVE = ("submitted", "returned", "eligible")
"""States in which an application competes: an organisation has only so many of them in a call."""


def _one_of(column: str, *values: str) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Table(SQLModel, registry=registry()):
    """Base of this service's tables."""


class CallRow(Table, table=True):
    """A published call. `submitted` is the last sequence number given, under this row's lock, so that there are no gaps.

    `number` is for receipts, unique over all regions. `first_closes_at` keeps the end that was published. `nonce_hash` is evaluation's
    commitment to the draw.
    """

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("region", "slug", name="uq_calls_slug"),  # the same file loaded twice is one call
        UniqueConstraint("number", name="uq_calls_number"),
        CheckConstraint(_one_of("state", "published", "open", "closed"), name="ck_calls_state"),
        CheckConstraint(
            "opens_at < closes_at AND closes_at <= evaluation_due_at AND evaluation_due_at <= reserve_list_ends_at", name="ck_calls_dates"
        ),
        CheckConstraint("first_closes_at <= closes_at", name="ck_calls_extension"),  # an end never moves forward in time
        CheckConstraint("envelope_minor > 0 AND submitted >= 0", name="ck_calls_amounts"),
        # Others count the applications from CallClosed on: screening cannot be complete before.
        CheckConstraint("screening_completed_at IS NULL OR state = 'closed'", name="ck_calls_screening"),
    )

    id: UUID = Field(primary_key=True)
    number: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    slug: str
    region: str = Field(index=True)
    scheme: str
    policy_id: str
    title: dict[str, str] = Field(sa_type=JSONB)
    selection_method: str
    currency: str
    envelope_minor: int = Field(sa_type=BigInteger)
    opens_at: datetime = Field(sa_type=INSTANT)
    closes_at: datetime = Field(sa_type=INSTANT)
    first_closes_at: datetime = Field(sa_type=INSTANT)
    evaluation_due_at: datetime = Field(sa_type=INSTANT)
    reserve_list_ends_at: datetime = Field(sa_type=INSTANT)
    content_hash: str
    published_at: datetime = Field(sa_type=INSTANT)
    state: str = "published"
    submitted: int = 0
    last_submitted_at: datetime | None = Field(default=None, sa_type=INSTANT)
    screening_completed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    nonce_hash: str | None = None


class ApplicationRow(Table, table=True):
    """One application from draft on. `form` is JSON of `domain.form.Form`; some answers are repeated in columns to be searched by.

    `submitted_at` is the moment of the first admissible submission, `revision` counts submissions. `live_slot` is which of the
    organisation's places in the call it takes.
    """

    __tablename__ = "applications"
    __table_args__ = (
        CheckConstraint(
            _one_of("state", "draft", "submitted", "returned", "withdrawn", "eligible", "ineligible"), name="ck_applications_state"
        ),
        # Two files with one place in the order of first come; two organisations with one receipt.
        UniqueConstraint("call_id", "sequence", name="uq_applications_sequence"),
        UniqueConstraint("receipt", name="uq_applications_receipt"),
        # Two submissions at the same moment that each saw no other live application of the organisation.
        Index(
            "uq_applications_live",
            "call_id",
            "organisation_id",
            "live_slot",
            unique=True,
            postgresql_where=_one_of("state", *LIVE),
        ),
        CheckConstraint(f"({_one_of('state', *LIVE)}) = (live_slot IS NOT NULL)", name="ck_applications_slot"),
        # A submission without receipt, or a receipt without submission.
        CheckConstraint(
            "num_nulls(sequence, receipt, submitted_at) IN (0, 3) AND (sequence IS NULL) = (revision = 0)", name="ck_applications_receipt"
        ),
        CheckConstraint("state IN ('draft', 'withdrawn') OR sequence IS NOT NULL", name="ck_applications_submitted"),
        CheckConstraint("state <> 'draft' OR sequence IS NULL", name="ck_applications_draft"),
        CheckConstraint("(state = 'returned') = (repair_by IS NOT NULL)", name="ck_applications_repair"),  # a return without an end
        CheckConstraint("state <> 'eligible' OR amount_minor IS NOT NULL", name="ck_applications_amount"),
        CheckConstraint("state <> 'ineligible' OR jsonb_array_length(failed_rules) > 0", name="ck_applications_reason"),
        CheckConstraint(_one_of("decision", "granted", "reserve", "refused"), name="ck_applications_decision"),
        Index("ix_applications_list", "region", "created_at", "id", postgresql_where="sequence IS NOT NULL"),
        Index("ix_applications_organisation", "organisation_id", "requested_minor"),
        Index("ix_applications_call_state", "call_id", "state", "sequence"),
    )

    id: UUID = Field(primary_key=True)
    call_id: UUID = Field(foreign_key="calls.id")
    region: str
    organisation_id: UUID
    state: str = "draft"
    form: dict[str, Any] = Field(sa_type=JSONB)
    created_at: datetime = Field(sa_type=INSTANT)
    changed_at: datetime = Field(sa_type=INSTANT)
    revision: int = 0
    sequence: int | None = None
    receipt: str | None = None
    submitted_at: datetime | None = Field(default=None, sa_type=INSTANT)
    live_slot: int | None = None
    title: str | None = None
    requested_minor: int | None = Field(default=None, sa_type=BigInteger)
    starts_on: date | None = None
    ends_on: date | None = None
    returns: int = 0
    repair_by: datetime | None = Field(default=None, sa_type=INSTANT)
    returned_fields: list[str] = Field(default_factory=list, sa_type=JSONB)
    return_note: str = ""
    screened_at: datetime | None = Field(default=None, sa_type=INSTANT)
    assessment: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    failed_rules: list[str] = Field(default_factory=list, sa_type=JSONB)
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    decision: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=INSTANT)


class ImportRow(Table, table=True):
    """A row of a list that became an application: the same row of the same list is never taken twice."""

    __tablename__ = "imports"

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    row_key: str = Field(primary_key=True)
    content_hash: str
    application_id: UUID = Field(foreign_key="applications.id", unique=True)


class ReaderRow(Table, table=True):
    """An evaluator who may read an application until recused; from evaluation's events."""

    __tablename__ = "readers"
    __table_args__ = (Index("ix_readers_evaluator", "evaluator_id", "application_id"),)

    assignment_id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="applications.id")
    evaluator_id: str
    recused: bool = False
