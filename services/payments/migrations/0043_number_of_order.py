"""Which attempt at its payment an orphan order is, where its file says so in the EndToEndId."""

from alembic import op

revision = "payments_0043"
down_revision = "payments_0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE orphan_orders ADD COLUMN number integer")


def downgrade() -> None:
    op.execute("ALTER TABLE orphan_orders DROP COLUMN number")
