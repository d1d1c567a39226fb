"""The rounds of a rolling call: what one leaves is proposed for the next."""

from alembic import op

revision = "payments_0037"
down_revision = "payments_0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE envelopes ADD COLUMN series varchar, ADD COLUMN round_number integer")
    op.execute("CREATE UNIQUE INDEX uq_envelopes_round ON envelopes (region, series, round_number) WHERE series IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX uq_envelopes_round")
    op.execute("ALTER TABLE envelopes DROP COLUMN series, DROP COLUMN round_number")
