"""A conflict of interest that is found after the approval of a list has another list take its place."""

from alembic import op

revision = "evaluation_0013"
down_revision = "evaluation_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE calls ADD COLUMN revision_since timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE calls DROP COLUMN revision_since")
