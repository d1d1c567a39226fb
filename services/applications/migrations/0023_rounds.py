"""The rounds of a rolling call: which round of which call a call is."""

from alembic import op

revision = "applications_0023"
down_revision = "applications_0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE calls ADD COLUMN series varchar, ADD COLUMN round_number integer, ADD COLUMN round_count integer")
    op.execute("ALTER TABLE calls ADD CONSTRAINT ck_calls_round CHECK (num_nulls(series, round_number, round_count) IN (0, 3))")
    op.execute("CREATE INDEX ix_calls_series ON calls (region, series) WHERE series IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX ix_calls_series")
    op.execute("ALTER TABLE calls DROP COLUMN series, DROP COLUMN round_number, DROP COLUMN round_count")
