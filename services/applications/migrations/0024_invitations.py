"""Two-step calls: the calls that a call invites from, the invitations, and the application on each."""

from alembic import op

revision = "applications_0024"
down_revision = "applications_0023"
branch_labels = None
depends_on = None

BEFORE, INVITED = "'granted', 'reserve', 'refused'", "'invited'"


def upgrade() -> None:
    op.execute("ALTER TABLE calls ADD COLUMN invites_from jsonb")
    op.execute("ALTER TABLE calls ADD CONSTRAINT ck_calls_invites_from CHECK (jsonb_array_length(invites_from) > 0)")
    op.execute("ALTER TABLE applications ADD COLUMN expression_id uuid REFERENCES applications")
    op.execute(
        "CREATE UNIQUE INDEX uq_applications_expression ON applications (call_id, expression_id)"
        " WHERE expression_id IS NOT NULL AND state <> 'withdrawn'"
    )
    _take(f"{BEFORE}, {INVITED}")
    op.execute(
        """
        CREATE TABLE invitations (
            expression_id uuid NOT NULL REFERENCES applications,
            call_id uuid NOT NULL REFERENCES calls,
            region varchar NOT NULL,
            organisation_id uuid NOT NULL,
            invited_at timestamptz NOT NULL,
            ends_at timestamptz,
            PRIMARY KEY (expression_id, call_id),
            CONSTRAINT ck_invitations_time CHECK (ends_at > invited_at)
        )
        """
    )
    op.execute("CREATE INDEX ix_invitations_organisation ON invitations (organisation_id, call_id)")
    op.execute("CREATE INDEX ix_invitations_call ON invitations (call_id, invited_at, expression_id)")


def downgrade() -> None:
    op.execute("DROP TABLE invitations")
    _take(BEFORE)
    op.execute("DROP INDEX uq_applications_expression")
    op.execute("ALTER TABLE applications DROP COLUMN expression_id")
    op.execute("ALTER TABLE calls DROP COLUMN invites_from")


def _take(outcomes: str) -> None:
    op.execute("ALTER TABLE applications DROP CONSTRAINT ck_applications_decision")
    op.execute(f"ALTER TABLE applications ADD CONSTRAINT ck_applications_decision CHECK (decision IN ({outcomes}))")
