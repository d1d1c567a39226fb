"""The first page of officers finds late answers without a look at every voucher of the region."""

from alembic import op

revision = "vouchers_0018"
down_revision = "vouchers_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_vouchers_overdue ON vouchers (region) WHERE overdue_since IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX ix_vouchers_overdue")
