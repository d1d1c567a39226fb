"""Calls, turns, cases, evaluators, assignments, approved lists, decisions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "evaluation_0001"
down_revision = None
branch_labels = ("evaluation",)
depends_on = "messaging_0001"

DECISIONS_STAND = """
    CREATE FUNCTION decisions_stand() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS DISTINCT FROM OLD.superseded_at
            OR (OLD.id, OLD.application_id, OLD.call_id, OLD.number, OLD.outcome, OLD.rules, OLD.amount_minor, OLD.award_id, OLD.decided_at)
            IS DISTINCT FROM
            (NEW.id, NEW.application_id, NEW.call_id, NEW.number, NEW.outcome, NEW.rules, NEW.amount_minor, NEW.award_id, NEW.decided_at)
        THEN
            RAISE EXCEPTION 'a decision is superseded, never changed or deleted' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
"""
"""Stops a decision from being rewritten after it was told to the applicant."""


def upgrade() -> None:
    _calls()
    _evaluators()
    _cases()
    _rankings()
    _turns()
    _assignments()
    _decisions()
    op.execute(DECISIONS_STAND)
    op.execute("CREATE TRIGGER decisions_stand BEFORE UPDATE OR DELETE ON decisions FOR EACH ROW EXECUTE FUNCTION decisions_stand()")


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("envelope_minor", sa.BigInteger(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evaluation_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reserve_list_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nonce", sa.String(), nullable=True),
        sa.Column("nonce_hash", sa.String(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted", sa.Integer(), nullable=True),
        sa.Column("eligible", sa.Integer(), nullable=True),
        sa.Column("eligible_hash", sa.String(), nullable=True),
        sa.Column("complete_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_sequence", sa.Integer(), nullable=False),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeals_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reserve_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(method = 'first-come') = (nonce IS NULL) AND (nonce IS NULL) = (nonce_hash IS NULL)", name="nonce"),
        sa.CheckConstraint("method IN ('ranking', 'first-come', 'draw')", name="method"),
        sa.CheckConstraint("(eligible IS NULL) = (eligible_hash IS NULL)", name="screening"),
        sa.CheckConstraint("envelope_minor > 0", name="envelope"),
        sa.PrimaryKeyConstraint("id"),
    )


def _evaluators() -> None:
    op.create_table(
        "evaluators",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("languages", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("topics", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("relations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("registered_by", sa.String(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "id"),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("requested_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("topics", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("relations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("divergent", sa.Boolean(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total_hundredths", sa.Integer(), nullable=True),
        sa.Column("criteria", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("failed_rules", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("score_sheets", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(completed_at IS NULL) = (total_hundredths IS NULL) AND (completed_at IS NULL) = (criteria IS NULL)"
            " AND (completed_at IS NULL) = (failed_rules IS NULL)",
            name="result_is_whole",
        ),
        sa.CheckConstraint("amount_minor >= 0 AND requested_minor >= 0", name="amounts"),
        sa.CheckConstraint("total_hundredths BETWEEN 0 AND 10000", name="total"),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
        ),
        sa.PrimaryKeyConstraint("application_id"),
        sa.UniqueConstraint("call_id", "rank", name="one_case_per_rank"),
        sa.UniqueConstraint("call_id", "sequence", name="one_case_per_sequence"),
    )
    op.create_index("ix_cases_call", "cases", ["call_id"], unique=False)


def _rankings() -> None:
    op.create_table(
        "rankings",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("list_hash", sa.String(), nullable=False),
        sa.Column("list_text", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcomes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
        ),
        sa.PrimaryKeyConstraint("call_id"),
    )


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'eligible', 'ineligible', 'withdrawn')", name="state"),
        sa.CheckConstraint("sequence > 0", name="sequence"),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
        ),
        sa.PrimaryKeyConstraint("call_id", "sequence"),
        sa.UniqueConstraint("application_id", name="one_turn_per_application"),
    )


def _assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("evaluator_id", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conflict_kind", sa.String(), nullable=True),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scores", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("total_points", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(state = 'scored') = (total_points IS NOT NULL) AND (state = 'scored') = (scores IS NOT NULL)"
            " AND (state = 'scored') = (scored_at IS NOT NULL)",
            name="sheet_is_whole",
        ),
        sa.CheckConstraint("state IN ('assigned', 'declared', 'scored', 'recused', 'void')", name="state"),
        sa.CheckConstraint("state NOT IN ('declared', 'scored') OR declared_at IS NOT NULL", name="declared_before_scored"),
        sa.CheckConstraint("place > 0", name="place"),
        sa.CheckConstraint("total_points BETWEEN 0 AND 100", name="points"),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["cases.application_id"],
        ),
        sa.ForeignKeyConstraint(
            ["region", "evaluator_id"],
            ["evaluators.region", "evaluators.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application_id", "evaluator_id", name="one_assignment_per_evaluator"),
    )
    op.create_index("ix_assignments_call", "assignments", ["call_id"], unique=False)
    op.create_index("ix_assignments_evaluator", "assignments", ["evaluator_id"], unique=False)
    op.create_index(
        "one_active_per_place",
        "assignments",
        ["application_id", "place"],
        unique=True,
        postgresql_where=sa.text("state IN ('assigned', 'declared', 'scored')"),
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=True),
        sa.Column("voucher_id", sa.Uuid(), nullable=True),
        sa.Column("grant_number", sa.Integer(), nullable=True),
        sa.Column("released_minor", sa.BigInteger(), nullable=False),
        sa.Column("not_funded", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(outcome = 'granted') = (award_id IS NOT NULL)", name="award"),
        sa.CheckConstraint("(outcome = 'refused') = (rules <> '[]'::jsonb)", name="refusal_has_a_reason"),
        sa.CheckConstraint("outcome IN ('granted', 'reserve', 'refused')", name="outcome"),
        sa.CheckConstraint("superseded_at IS NULL OR outcome = 'reserve' OR (outcome = 'granted' AND not_funded)", name="what_may_end"),
        sa.CheckConstraint(
            "(award_id IS NULL) = (grant_number IS NULL) AND (award_id IS NULL) = (voucher_id IS NULL)", name="award_is_whole"
        ),
        sa.CheckConstraint("released_minor BETWEEN 0 AND amount_minor", name="released"),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["cases.application_id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application_id", "grant_number", name="grants_are_numbered"),
        sa.UniqueConstraint("application_id", "number", name="decisions_are_numbered"),
        sa.UniqueConstraint("award_id"),
        sa.UniqueConstraint("voucher_id"),
    )
    op.create_index("ix_decisions_call", "decisions", ["call_id"], unique=False)
    op.create_index(
        "one_decision_in_force", "decisions", ["application_id"], unique=True, postgresql_where=sa.text("superseded_at IS NULL")
    )


def downgrade() -> None:
    op.execute("DROP TABLE decisions, assignments, turns, rankings, cases, evaluators, calls")
    op.execute("DROP FUNCTION decisions_stand")
