"""Tables and columns under the field's names; an orphan order is one found in a bank file after a restore."""

from alembic import op

revision = "payments_0006"
down_revision = "payments_0005"
branch_labels = None
depends_on = None

RENAMES = (
    "ALTER TABLE vouchers RENAME COLUMN claims_until TO claim_window_until",
    "ALTER TABLE vouchers RENAME COLUMN ending TO closure_reason",
    "ALTER TABLE vouchers RENAME CONSTRAINT known_ending TO known_closure_reason",
    "ALTER TABLE vouchers RENAME COLUMN suspension_news_at TO suspension_changed_at",
    "ALTER TABLE payees RENAME COLUMN rests_until TO cooling_off_until",
    "ALTER TABLE found_orders RENAME TO orphan_orders",
    "ALTER INDEX found_orders_pkey RENAME TO orphan_orders_pkey",
    "ALTER TABLE orphan_orders RENAME COLUMN placed_at TO matched_at",
    "ALTER INDEX ix_found_orders_batch_id RENAME TO ix_orphan_orders_batch_id",
    "ALTER INDEX ix_found_orders_unplaced RENAME TO ix_orphan_orders_unmatched",
    "ALTER TABLE batches RENAME COLUMN found_at TO imported_at",
    "ALTER TABLE holds RENAME CONSTRAINT lifted_by_somebody TO lifted_with_assurance",
    "ALTER TABLE bank_lines RENAME COLUMN happening TO payment_event",
    "UPDATE bank_lines SET payment_event = 'returned' WHERE payment_event = 'came-back'",
    "UPDATE bank_lines SET reason = 'returned' WHERE reason = 'came-back'",
    "UPDATE bank_lines SET reason = 'returned-before-booked' WHERE reason = 'came-back-before-booked'",
    "UPDATE bank_lines SET reason = replace(reason, 'came-back-after', 'returned-after') WHERE reason LIKE 'came-back-after-%'",
)
REVERSE = (
    "UPDATE bank_lines SET reason = replace(reason, 'returned-after', 'came-back-after') WHERE reason LIKE 'returned-after-%'",
    "UPDATE bank_lines SET reason = 'came-back-before-booked' WHERE reason = 'returned-before-booked'",
    "UPDATE bank_lines SET reason = 'came-back' WHERE reason = 'returned'",
    "UPDATE bank_lines SET payment_event = 'came-back' WHERE payment_event = 'returned'",
    "ALTER TABLE bank_lines RENAME COLUMN payment_event TO happening",
    "ALTER TABLE holds RENAME CONSTRAINT lifted_with_assurance TO lifted_by_somebody",
    "ALTER TABLE batches RENAME COLUMN imported_at TO found_at",
    "ALTER INDEX ix_orphan_orders_unmatched RENAME TO ix_found_orders_unplaced",
    "ALTER INDEX ix_orphan_orders_batch_id RENAME TO ix_found_orders_batch_id",
    "ALTER TABLE orphan_orders RENAME COLUMN matched_at TO placed_at",
    "ALTER INDEX orphan_orders_pkey RENAME TO found_orders_pkey",
    "ALTER TABLE orphan_orders RENAME TO found_orders",
    "ALTER TABLE payees RENAME COLUMN cooling_off_until TO rests_until",
    "ALTER TABLE vouchers RENAME COLUMN suspension_changed_at TO suspension_news_at",
    "ALTER TABLE vouchers RENAME CONSTRAINT known_closure_reason TO known_ending",
    "ALTER TABLE vouchers RENAME COLUMN closure_reason TO ending",
    "ALTER TABLE vouchers RENAME COLUMN claim_window_until TO claims_until",
)


def upgrade() -> None:
    for statement in RENAMES:
        op.execute(statement)


def downgrade() -> None:
    for statement in REVERSE:
        op.execute(statement)
