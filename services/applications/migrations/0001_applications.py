"""Calls, applications, imported rows, readers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "applications_0001"
down_revision = None
branch_labels = ("applications",)
depends_on = "messaging_0001"


def upgrade() -> None:
    _calls()
    _applications()
    _imports_and_readers()


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("selection", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("envelope_minor", sa.BigInteger(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evaluation_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reserve_list_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("submitted", sa.Integer(), nullable=False),
        sa.Column("last_submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("screening_completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("screening_completed_at IS NULL OR state = 'closed'", name="ck_calls_screening"),
        sa.CheckConstraint("state IN ('published', 'open', 'closed')", name="ck_calls_state"),
        sa.CheckConstraint("envelope_minor > 0 AND submitted >= 0", name="ck_calls_amounts"),
        sa.CheckConstraint("first_closes_at <= closes_at", name="ck_calls_extension"),
        sa.CheckConstraint(
            "opens_at < closes_at AND closes_at <= evaluation_due_at AND evaluation_due_at <= reserve_list_ends_at", name="ck_calls_dates"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", name="uq_calls_number"),
        sa.UniqueConstraint("region", "slug", name="uq_calls_slug"),
    )
    op.create_index(op.f("ix_calls_region"), "calls", ["region"], unique=False)


def _applications() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("live_slot", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("requested_minor", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("repair_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("return_note", sa.String(), nullable=False),
        sa.Column("screened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assessment", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("failed_rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'returned') = (repair_by IS NOT NULL)", name="ck_applications_repair"),
        sa.CheckConstraint("decision IN ('granted', 'reserve', 'refused')", name="ck_applications_decision"),
        sa.CheckConstraint("state <> 'draft' OR sequence IS NULL", name="ck_applications_draft"),
        sa.CheckConstraint("state <> 'eligible' OR amount_minor IS NOT NULL", name="ck_applications_amount"),
        sa.CheckConstraint("state <> 'ineligible' OR jsonb_array_length(failed_rules) > 0", name="ck_applications_reason"),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'withdrawn', 'eligible', 'ineligible')", name="ck_applications_state"
        ),
        sa.CheckConstraint("state IN ('draft', 'withdrawn') OR sequence IS NOT NULL", name="ck_applications_submitted"),
        sa.CheckConstraint("(state IN ('submitted', 'returned', 'eligible')) = (live_slot IS NOT NULL)", name="ck_applications_slot"),
        sa.CheckConstraint(
            "num_nulls(sequence, receipt, submitted_at) IN (0, 3) AND (sequence IS NULL) = (revision = 0)", name="ck_applications_receipt"
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "sequence", name="uq_applications_sequence"),
        sa.UniqueConstraint("receipt", name="uq_applications_receipt"),
    )
    op.create_index("ix_applications_call_state", "applications", ["call_id", "state", "sequence"], unique=False)
    op.create_index("ix_applications_organisation", "applications", ["organisation_id", "requested_minor"], unique=False)
    op.create_index(op.f("ix_applications_region"), "applications", ["region"], unique=False)
    op.create_index(
        "uq_applications_live",
        "applications",
        ["call_id", "organisation_id", "live_slot"],
        unique=True,
        postgresql_where="state IN ('submitted', 'returned', 'eligible')",
    )


def _imports_and_readers() -> None:
    op.create_table(
        "imports",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"]),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"]),
        sa.PrimaryKeyConstraint("call_id", "row_key"),
        sa.UniqueConstraint("application_id"),
    )
    op.create_table(
        "readers",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("evaluator_id", sa.String(), nullable=False),
        sa.Column("recused", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"]),
        sa.PrimaryKeyConstraint("assignment_id"),
    )
    op.create_index("ix_readers_evaluator", "readers", ["evaluator_id", "application_id"], unique=False)


def downgrade() -> None:
    for table in ("readers", "imports", "applications", "calls"):
        op.drop_table(table)
