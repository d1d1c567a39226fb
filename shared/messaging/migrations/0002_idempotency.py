"""Idempotency keys of HTTP requests."""

from alembic import op

revision = "messaging_0002"
down_revision = "messaging_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE idempotency (
            actor_id varchar NOT NULL,
            route varchar NOT NULL,
            key varchar NOT NULL,
            input_hash varchar NOT NULL,
            response jsonb,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (actor_id, route, key)
        )
    """)


def downgrade() -> None:
    op.execute("DROP TABLE idempotency")
