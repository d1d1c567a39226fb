"""Idempotency keys hold the id of what their request made, and no answer; old ones can be found."""

from alembic import op

revision = "messaging_0010"
down_revision = "messaging_0009"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE idempotency ADD COLUMN made_id uuid",
    "UPDATE idempotency SET made_id = CAST(coalesce(response->>'claim_id', response->>'id') AS uuid)",
    "ALTER TABLE idempotency DROP COLUMN response",
    "CREATE INDEX ix_idempotency_age ON idempotency (created_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ix_idempotency_age")
    op.execute("ALTER TABLE idempotency ADD COLUMN response jsonb")
    op.execute("ALTER TABLE idempotency DROP COLUMN made_id")
