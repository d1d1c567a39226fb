"""A line of the bank that names a batch and no payment in it freezes the batch's payments. Lines from before get their batch too."""

from alembic import op

revision = "payments_0018"
down_revision = "payments_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE bank_lines ADD COLUMN batch_id uuid REFERENCES batches (id)")
    op.execute(
        """
        UPDATE bank_lines AS l SET batch_id = b.id, region = b.region FROM batches AS b
        WHERE l.pmt_inf_id = replace(b.id::text, '-', '') || '-1' AND l.voucher_id IS NULL
            AND (l.outcome = 'unmatched' OR l.reason = 'not-booked')
            AND NOT EXISTS (SELECT FROM orphan_orders AS o WHERE replace(o.attempt_id::text, '-', '') = l.instr_id)
        """
    )
    op.execute("CREATE INDEX ix_bank_lines_batch ON bank_lines (batch_id) WHERE batch_id IS NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE bank_lines DROP COLUMN batch_id")
