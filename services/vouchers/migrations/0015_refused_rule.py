"""Why payments did not reserve the money of an award."""

from alembic import op

revision = "vouchers_0015"
down_revision = "vouchers_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE vouchers ADD COLUMN refused_rule varchar")


def downgrade() -> None:
    op.execute("ALTER TABLE vouchers DROP COLUMN refused_rule")
