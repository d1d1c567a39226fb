"""`state_since`: since when a voucher is in its state. `overdue_since`: since when the awaited reply of payments is late."""

from alembic import op

revision = "vouchers_0002"
down_revision = "vouchers_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE vouchers ADD COLUMN state_since timestamptz, ADD COLUMN overdue_since timestamptz")
    # The last instant that is known of each; greatest() passes over what is null.
    op.execute("UPDATE vouchers SET state_since = greatest(created_at, offered_at, answered_at, issued_at, settled_at, closed_at)")
    op.execute("""
        ALTER TABLE vouchers ALTER COLUMN state_since SET NOT NULL, ADD CONSTRAINT overdue_while_awaited CHECK (
            overdue_since IS NULL OR overdue_since >= state_since AND state IN ('requested', 'accepted', 'releasing', 'settling'))
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE vouchers DROP COLUMN overdue_since, DROP COLUMN state_since")
