"""Calls that give no money."""

from alembic import op

revision = "payments_0036"
down_revision = "payments_0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE calls_without_money (call_id uuid PRIMARY KEY, region varchar NOT NULL, policy_id varchar NOT NULL)")


def downgrade() -> None:
    op.execute("DROP TABLE calls_without_money")
