"""The log of an aggregate runs forward in time, also when the clocks of two processes disagree."""

from alembic import op

revision = "messaging_0003"
down_revision = "messaging_0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE INDEX ix_outbox_key ON outbox (key, position)",
    # What was recorded two months ago or earlier lies before any clock's error, and its partitions need not be looked at.
    """
    CREATE FUNCTION outbox_forward() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.time := greatest(NEW.time, (
            SELECT time FROM outbox
            WHERE key = NEW.key AND topic = NEW.topic AND recorded_at > now() - interval '2 months'
            ORDER BY position DESC LIMIT 1
        ));
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER outbox_forward BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION outbox_forward()",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER outbox_forward ON outbox")
    op.execute("DROP FUNCTION outbox_forward")
    op.execute("DROP INDEX ix_outbox_key")
