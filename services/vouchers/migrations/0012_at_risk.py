"""Vouchers at risk, and changes that wait, without reading the others."""

from alembic import op

revision = "vouchers_0012"
down_revision = "vouchers_0011"
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE INDEX ix_vouchers_suspended ON vouchers (region) WHERE suspended_at IS NOT NULL AND state <> 'closed'",
    "CREATE INDEX ix_vouchers_expiring ON vouchers (region, valid_until) WHERE state = 'issued'",
    "CREATE INDEX ix_vouchers_silent ON vouchers (region, issued_at) WHERE state = 'issued' AND claimed_at IS NULL",
    "CREATE INDEX ix_changes_open ON changes (region, requested_at, id) WHERE state = 'open'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for statement in STATEMENTS:
        op.execute(f"DROP INDEX {statement.split()[2]}")
