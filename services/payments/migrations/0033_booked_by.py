"""By which kind of message of the bank a payment was booked: its notification and its statement give one booking two references."""

from alembic import op

revision = "payments_0033"
down_revision = "payments_0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE attempts ADD COLUMN booked_by varchar")


def downgrade() -> None:
    op.execute("ALTER TABLE attempts DROP COLUMN booked_by")
