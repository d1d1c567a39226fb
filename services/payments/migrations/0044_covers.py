"""Of how many transfers a status of a whole order is said to be, where the order was not known when it was read."""

from alembic import op

revision = "payments_0044"
down_revision = "payments_0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE bank_lines ADD COLUMN covers bigint")


def downgrade() -> None:
    op.execute("ALTER TABLE bank_lines DROP COLUMN covers")
