"""Dead letters and parked events keep the message key, which the signature covers; checkpoints name the key that signed.

Checkpoints of before name none, so each relay publishes its event log again, signed.
"""

from alembic import op

revision = "messaging_0006"
down_revision = "messaging_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("dead_letters", "parked"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN key bytea NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE outbox_checkpoints ADD COLUMN key_id varchar NOT NULL DEFAULT ''")


def downgrade() -> None:
    op.execute("ALTER TABLE outbox_checkpoints DROP COLUMN key_id")
    for table in ("dead_letters", "parked"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN key")
