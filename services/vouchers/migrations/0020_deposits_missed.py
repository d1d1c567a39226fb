"""That a deposit did not come is announced once, and payments decides: it may have come."""

from alembic import op

revision = "vouchers_0020"
down_revision = "vouchers_0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE vouchers ADD COLUMN deposit_missed_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE vouchers DROP COLUMN deposit_missed_at")
