"""A sign-in proves that a process wrote it. Those of before are over: who has one signs in again."""

from alembic import op

revision = "people_0007"
down_revision = "people_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE sign_ins ADD COLUMN mac bytea")


def downgrade() -> None:
    op.execute("ALTER TABLE sign_ins DROP COLUMN mac")
