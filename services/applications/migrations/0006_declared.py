"""Evaluators who have declared. Those assigned before keep what they may read: their declarations were no events."""

from alembic import op

revision = "applications_0006"
down_revision = "applications_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE readers ADD COLUMN declared boolean NOT NULL DEFAULT true")
    op.execute("ALTER TABLE readers ALTER COLUMN declared DROP DEFAULT")


def downgrade() -> None:
    op.execute("ALTER TABLE readers DROP COLUMN declared")
