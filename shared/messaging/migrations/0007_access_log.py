"""The access log, which nobody can change."""

from alembic import op

revision = "messaging_0007"
down_revision = "messaging_0006"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE access_log (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        reader varchar NOT NULL,
        subject_id uuid NOT NULL,
        region varchar NOT NULL,
        permission varchar NOT NULL,
        shown varchar NOT NULL,
        at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_access_log_subject ON access_log (subject_id, position)",
    "CREATE INDEX ix_access_log_reader ON access_log (reader, position)",
    "CREATE INDEX ix_access_log_region ON access_log (region, position)",
    """
    CREATE FUNCTION access_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the access log is append-only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION access_log_append_only()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE access_log")
    op.execute("DROP FUNCTION access_log_append_only")
