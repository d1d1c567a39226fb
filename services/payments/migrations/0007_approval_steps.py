"""Each approval is one step of the policy's table, counted from 1. Earlier approvals are numbered in the order of their time."""

from alembic import op

revision = "payments_0007"
down_revision = "payments_0006"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE approvals ADD COLUMN step integer",
    "ALTER TABLE approvals DISABLE TRIGGER append_only",
    """
    UPDATE approvals SET step = numbered.step FROM (
        SELECT attempt_id, account_version, approver,
               row_number() OVER (PARTITION BY attempt_id, account_version ORDER BY at, approver) AS step
        FROM approvals
    ) AS numbered
    WHERE (approvals.attempt_id, approvals.account_version, approvals.approver)
        = (numbered.attempt_id, numbered.account_version, numbered.approver)
    """,
    "ALTER TABLE approvals ENABLE TRIGGER append_only",
    "ALTER TABLE approvals ALTER COLUMN step SET NOT NULL",
    "ALTER TABLE approvals ADD CONSTRAINT one_approval_per_step UNIQUE (attempt_id, account_version, step)",
    "ALTER TABLE approvals ADD CONSTRAINT step_counts_from_one CHECK (step > 0)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE approvals DROP COLUMN step")
