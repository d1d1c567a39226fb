"""Cases whose content is removed."""

from alembic import op

revision = "evaluation_0007"
down_revision = "evaluation_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE cases ADD COLUMN removed_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE cases DROP COLUMN removed_at")
