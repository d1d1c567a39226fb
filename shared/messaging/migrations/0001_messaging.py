"""Outbox (partitioned by month), inbox, parked events, dead letters, idempotency keys."""

from alembic import op

revision = "messaging_0001"
down_revision = None
branch_labels = ("messaging",)
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE outbox (
        position bigint GENERATED ALWAYS AS IDENTITY,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        event_id uuid NOT NULL,
        topic varchar NOT NULL,
        key uuid NOT NULL,
        type varchar NOT NULL,
        "time" timestamptz NOT NULL,
        actor varchar NOT NULL,
        reason varchar NOT NULL,
        policy_id varchar NOT NULL,
        correlation_id uuid NOT NULL,
        causation_id uuid,
        traceparent varchar,
        body jsonb NOT NULL,
        published_at timestamptz,
        PRIMARY KEY (position, recorded_at)
    ) PARTITION BY RANGE (recorded_at)
    """,
    "CREATE INDEX ix_outbox_unpublished ON outbox (position) WHERE published_at IS NULL",
    "CREATE INDEX ix_outbox_case ON outbox (correlation_id, position)",
    "CREATE INDEX ix_outbox_event ON outbox (event_id)",
    "CREATE TABLE outbox_default PARTITION OF outbox DEFAULT",
    """
    CREATE FUNCTION outbox_months(ahead integer) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE month date;
    BEGIN
        FOR n IN 0..ahead LOOP
            month := date_trunc('month', now()) + make_interval(months => n);
            IF to_regclass('outbox_' || to_char(month, 'YYYY_MM')) IS NULL THEN
                EXECUTE format('CREATE TABLE %I PARTITION OF outbox FOR VALUES FROM (%L) TO (%L)',
                    'outbox_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month');
            END IF;
        END LOOP;
    END $$
    """,
    "SELECT outbox_months(3)",
    """
    CREATE FUNCTION outbox_written() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('outbox', '');
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER outbox_written AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_written()",
    """
    CREATE TABLE outbox_marks (
        topic varchar NOT NULL,
        partition integer NOT NULL,
        next_offset bigint NOT NULL,
        refilling boolean NOT NULL DEFAULT false,
        PRIMARY KEY (topic, partition)
    )
    """,
    """
    CREATE TABLE inbox (
        event_id uuid PRIMARY KEY,
        received_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE parked (
        event_id uuid PRIMARY KEY,
        position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        awaits varchar NOT NULL,
        detail varchar NOT NULL,
        headers jsonb NOT NULL,
        topic varchar NOT NULL,
        body bytea NOT NULL,
        parked_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX ix_parked_awaits ON parked (awaits)",
    """
    CREATE TABLE dead_letters (
        id uuid PRIMARY KEY,
        headers jsonb NOT NULL,
        topic varchar NOT NULL,
        body bytea NOT NULL,
        error varchar NOT NULL,
        attempts integer NOT NULL,
        failed_at timestamptz NOT NULL DEFAULT now(),
        replayed_at timestamptz
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE dead_letters, parked, inbox, outbox_marks, outbox")
    op.execute("DROP FUNCTION outbox_months, outbox_written")
