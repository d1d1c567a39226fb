"""A MAC in each row of the event log. The rows until now have none; from here on a row without one is refused."""

from alembic import op

revision = "messaging_0012"
down_revision = "messaging_0011"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE outbox ADD COLUMN mac bytea",
    """
    DO $$ BEGIN
        EXECUTE format(
            'ALTER TABLE outbox ADD CONSTRAINT mac_since CHECK (mac IS NOT NULL OR position <= %s)',
            (SELECT coalesce(max(position), 0) FROM outbox)
        );
    END $$
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE outbox DROP COLUMN mac")
