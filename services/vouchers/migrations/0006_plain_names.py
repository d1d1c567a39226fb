"""Tables and columns under the field's names."""

from alembic import op

revision = "vouchers_0006"
down_revision = "vouchers_0005"
branch_labels = None
depends_on = None

RENAMES = (
    "ALTER TABLE calls RENAME COLUMN selection TO selection_method",
    "ALTER TABLE vouchers RENAME COLUMN claims_until TO claim_window_until",
    "ALTER TABLE extensions RENAME COLUMN claims_until TO claim_window_until",
    "ALTER TABLE extensions RENAME COLUMN previous_claims_until TO previous_claim_window_until",
    "ALTER TABLE late_news RENAME TO late_signals",
    "ALTER INDEX late_news_pkey RENAME TO late_signals_pkey",
    "ALTER TABLE late_signals RENAME COLUMN news TO signal",
    "ALTER INDEX ix_late_news_workflow_id RENAME TO ix_late_signals_workflow_id",
)
REVERSE = (
    "ALTER INDEX ix_late_signals_workflow_id RENAME TO ix_late_news_workflow_id",
    "ALTER TABLE late_signals RENAME COLUMN signal TO news",
    "ALTER INDEX late_signals_pkey RENAME TO late_news_pkey",
    "ALTER TABLE late_signals RENAME TO late_news",
    "ALTER TABLE extensions RENAME COLUMN previous_claim_window_until TO previous_claims_until",
    "ALTER TABLE extensions RENAME COLUMN claim_window_until TO claims_until",
    "ALTER TABLE vouchers RENAME COLUMN claim_window_until TO claims_until",
    "ALTER TABLE calls RENAME COLUMN selection_method TO selection",
)


def upgrade() -> None:
    for statement in RENAMES:
        op.execute(statement)


def downgrade() -> None:
    for statement in REVERSE:
        op.execute(statement)
