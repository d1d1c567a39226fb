"""What is known of a payment can be corrected: answers of the bank are put in their order by a number."""

from alembic import op

revision = "vouchers_0019"
down_revision = "vouchers_0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE redemptions ADD COLUMN step integer NOT NULL DEFAULT 1")
    op.execute("UPDATE redemptions SET step = 2 WHERE returned")


def downgrade() -> None:
    op.execute("ALTER TABLE redemptions DROP COLUMN step")
