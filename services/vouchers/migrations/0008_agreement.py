"""The hash of the terms that a beneficiary has accepted."""

from alembic import op

revision = "vouchers_0008"
down_revision = "vouchers_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE vouchers ADD COLUMN agreement_hash varchar")


def downgrade() -> None:
    op.execute("ALTER TABLE vouchers DROP COLUMN agreement_hash")
