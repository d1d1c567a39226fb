"""A conflict of interest that is found after the approval of a list has another list take its place; what no award takes is kept."""

from alembic import op

revision = "evaluation_0013"
down_revision = "evaluation_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE calls ADD COLUMN revision_since timestamptz, ADD COLUMN unspent_minor bigint NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE calls ALTER unspent_minor DROP DEFAULT")


def downgrade() -> None:
    op.execute("ALTER TABLE calls DROP COLUMN revision_since, DROP COLUMN unspent_minor")
