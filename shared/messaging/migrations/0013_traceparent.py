"""The trace in which an event was written (W3C Trace Context); null while tracing is off."""

from alembic import op

revision = "messaging_0013"
down_revision = "messaging_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE outbox ADD COLUMN traceparent varchar")


def downgrade() -> None:
    op.execute("ALTER TABLE outbox DROP COLUMN traceparent")
