"""What a voucher gives beside its amount, until when it is valid, and on which day something was ordered."""

from alembic import op

revision = "payments_0025"
down_revision = "payments_0024"
branch_labels = None
depends_on = None

LINES = ("claim_draft_lines", "claim_lines")


def upgrade() -> None:
    op.execute("ALTER TABLE vouchers ADD COLUMN terms jsonb, ADD COLUMN valid_until timestamptz")
    for table in LINES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN ordered_on date")


def downgrade() -> None:
    for table in LINES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN ordered_on")
    op.execute("ALTER TABLE vouchers DROP COLUMN terms, DROP COLUMN valid_until")
