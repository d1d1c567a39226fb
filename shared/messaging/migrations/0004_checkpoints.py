"""Checkpoints under the field's word; the trace context, which nothing ever filled, goes."""

from alembic import op

revision = "messaging_0004"
down_revision = "messaging_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE outbox_marks RENAME TO outbox_checkpoints")
    op.execute("ALTER TABLE outbox_checkpoints RENAME COLUMN refilling TO republishing")
    op.execute("ALTER TABLE outbox DROP COLUMN traceparent")


def downgrade() -> None:
    op.execute("ALTER TABLE outbox ADD COLUMN traceparent varchar")
    op.execute("ALTER TABLE outbox_checkpoints RENAME COLUMN republishing TO refilling")
    op.execute("ALTER TABLE outbox_checkpoints RENAME TO outbox_marks")
