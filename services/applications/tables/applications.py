"""Applications."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.applications.domain.states import APPLICATION_TRANSITIONS, LIVE, UNDECIDED
from services.applications.tables.base import Table
from shared.database.base import INSTANT, one_of
from shared.database.privileges import fixed
from shared.database.states import guard_transitions
from shared.kernel.vocabulary import ApplicationState, DecisionOutcome, VoucherOutcome
from shared.privacy.sealed import seal_columns, sealed

_NEVER_SUBMITTED = (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)
"""The states that an application without a submission may have."""


class ApplicationRow(Table, table=True):
    """One application from draft on. `form` is JSON of `domain.form.Form`; some answers are repeated in columns for searches. Form, title,
    note and assessment are encrypted, and None when the organisation's data was erased.

    `section_versions` counts the changes of each section of the form; `answer_versions` has the version of its section at which each answer
    changed last.

    `s3_field`, `partner_region` and `transitions` are codes for figures; `transitions` is None where the form does not ask, or of before.

    `submitted_at` is the instant of the submission by which the application holds its place: the first admissible one, or the later one
    by which it lost its place in a first-come call; `revision` counts submissions. `live_slot` is which of the
    organisation's places in the call the application takes; `tax_key` the keyed hash of country and tax number.
    `proposed_return_fields` wait for a second officer. After `removed_at` form, title, note and assessment are empty in the database.
    `voucher_type` is that of an eligible one, None in a scheme without types. `expression_id`: in a call by invitation, the expression of
    interest that was chosen. `carried_from`: the application of an earlier round that waited there to the
    end, whose answers this one has.
    """

    __tablename__ = "applications"
    __table_args__ = (
        CheckConstraint(one_of("state", ApplicationState), name="ck_applications_state"),
        # Two applications with one sequence number in a first-come call; two organisations with one receipt.
        UniqueConstraint("call_id", "sequence", name="uq_applications_sequence"),
        UniqueConstraint("receipt", name="uq_applications_receipt"),
        # Two submissions at the same moment that each saw no other live application of the organisation.
        Index(
            "uq_applications_live",
            "call_id",
            "organisation_id",
            "live_slot",
            unique=True,
            postgresql_where=one_of("state", LIVE),
        ),
        CheckConstraint(f"({one_of('state', LIVE)}) = (live_slot IS NOT NULL)", name="ck_applications_slot"),
        # A submission without receipt, or a receipt without submission.
        CheckConstraint(
            "num_nulls(sequence, receipt, submitted_at) IN (0, 3) AND (sequence IS NULL) = (revision = 0)", name="ck_applications_receipt"
        ),
        CheckConstraint(f"{one_of('state', _NEVER_SUBMITTED)} OR sequence IS NOT NULL", name="ck_applications_submitted"),
        CheckConstraint(f"state <> '{ApplicationState.DRAFT}' OR sequence IS NULL", name="ck_applications_draft"),
        # A return without a deadline.
        CheckConstraint(f"(state = '{ApplicationState.RETURNED}') = (repair_by IS NOT NULL)", name="ck_applications_repair"),
        CheckConstraint(f"state <> '{ApplicationState.ELIGIBLE}' OR amount_minor IS NOT NULL", name="ck_applications_amount"),
        CheckConstraint(f"state <> '{ApplicationState.INELIGIBLE}' OR jsonb_array_length(failed_rules) > 0", name="ck_applications_reason"),
        # A proposed return of nobody, which every officer could confirm.
        CheckConstraint("num_nulls(proposed_return_fields, return_proposed_by) IN (0, 2)", name="ck_applications_return_proposal"),
        CheckConstraint(one_of("decision", DecisionOutcome), name="ck_applications_decision"),
        CheckConstraint(one_of("voucher_outcome", VoucherOutcome), name="ck_applications_voucher"),
        # A content that is lost without a removal; one that stays, or comes back, after it.
        CheckConstraint("num_nonnulls(form, return_note) = CASE WHEN removed_at IS NULL THEN 2 ELSE 0 END", name="ck_applications_removed"),
        CheckConstraint("removed_at IS NULL OR num_nonnulls(title, assessment, return_words) = 0", name="ck_applications_removed_texts"),
        Index("ix_applications_list", "region", "created_at", "id", postgresql_where="sequence IS NOT NULL"),
        Index("ix_applications_organisation", "organisation_id", "requested_minor"),
        Index("ix_applications_call_state", "call_id", "state", "sequence"),
        Index("ix_applications_tax_key", "call_id", "tax_key"),
        Index("ix_applications_undecided", "region", "call_id", postgresql_where=one_of("state", UNDECIDED)),
        # One invitation with two applications.
        Index(
            "uq_applications_expression",
            "call_id",
            "expression_id",
            unique=True,
            postgresql_where=f"expression_id IS NOT NULL AND state <> '{ApplicationState.WITHDRAWN}'",
        ),
        # An application that is carried into two rounds.
        Index("uq_applications_carried", "carried_from", unique=True, postgresql_where="carried_from IS NOT NULL"),
        fixed("id call_id region organisation_id created_at expression_id carried_from"),
    )

    id: UUID = Field(primary_key=True)
    call_id: UUID = Field(foreign_key="calls.id")
    region: str
    organisation_id: UUID
    expression_id: UUID | None = Field(default=None, foreign_key="applications.id")
    carried_from: UUID | None = Field(default=None, foreign_key="applications.id")
    state: str = ApplicationState.DRAFT
    form: dict[str, Any] | None = sealed(nullable=True)
    section_versions: dict[str, int] = Field(default_factory=dict, sa_type=JSONB)
    answer_versions: dict[str, int] = Field(default_factory=dict, sa_type=JSONB)
    created_at: datetime = Field(sa_type=INSTANT)
    changed_at: datetime = Field(sa_type=INSTANT)
    revision: int = 0
    sequence: int | None = None
    receipt: str | None = None
    submitted_at: datetime | None = Field(default=None, sa_type=INSTANT)
    live_slot: int | None = None
    tax_key: str | None = None
    title: str | None = sealed(nullable=True)
    requested_minor: int | None = Field(default=None, sa_type=BigInteger)
    starts_on: date | None = None
    ends_on: date | None = None
    s3_field: str | None = None
    partner_region: str | None = None
    transitions: list[str] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    returns: int = 0
    repair_by: datetime | None = Field(default=None, sa_type=INSTANT)
    returned_fields: list[str] = Field(default_factory=list, sa_type=JSONB)
    return_note: str | None = sealed(default="", nullable=True)
    return_words: dict[str, str] | None = sealed(nullable=True)
    proposed_return_fields: list[str] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    return_proposed_by: str | None = None
    screened_at: datetime | None = Field(default=None, sa_type=INSTANT)
    assessment: dict[str, Any] | None = sealed(nullable=True)
    failed_rules: list[str] = Field(default_factory=list, sa_type=JSONB)
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    voucher_type: str | None = None
    decision: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=INSTANT)
    voucher_outcome: str | None = None
    voucher_closed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    removed_at: datetime | None = Field(default=None, sa_type=INSTANT)


guard_transitions(col(ApplicationRow.state), APPLICATION_TRANSITIONS)
seal_columns(ApplicationRow, subject="organisation_id")
