"""Of a session that has ended, the newest attempt to sign in again is kept, with what was typed."""

from alembic import op

revision = "portal_0002"
down_revision = "portal_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE attempts ADD COLUMN session varchar UNIQUE")


def downgrade() -> None:
    op.execute("ALTER TABLE attempts DROP COLUMN session")
