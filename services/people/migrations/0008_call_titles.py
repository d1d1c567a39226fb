"""The title of a call, for the receipt that goes by mail."""

from alembic import op

revision = "people_0008"
down_revision = "people_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE calls ADD COLUMN title jsonb NOT NULL DEFAULT '{}'")


def downgrade() -> None:
    op.execute("ALTER TABLE calls DROP COLUMN title")
