"""What an award gives beside its amount, where the cases of its policy differ."""

from alembic import op

revision = "vouchers_0013"
down_revision = "vouchers_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE awards ADD COLUMN terms jsonb")
    op.execute("ALTER TABLE vouchers ADD COLUMN terms jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE vouchers DROP COLUMN terms")
    op.execute("ALTER TABLE awards DROP COLUMN terms")
