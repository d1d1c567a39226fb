"""Notes and flags of officers, overrules of verdicts, acts on many applications (tables/screening.py)."""

from alembic import op

revision = "applications_0017"
down_revision = "applications_0016"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE officer_notes (
        id uuid PRIMARY KEY,
        application_id uuid NOT NULL REFERENCES applications (id),
        call_id uuid NOT NULL REFERENCES calls (id),
        organisation_id uuid NOT NULL,
        region varchar NOT NULL,
        is_flag boolean NOT NULL,
        words bytea,
        written_by varchar NOT NULL,
        written_at timestamptz NOT NULL,
        bulk_id uuid,
        lifted_at timestamptz,
        lifted_by varchar,
        CONSTRAINT ck_officer_notes_lifted CHECK (num_nulls(lifted_at, lifted_by) IN (0, 2) AND (is_flag OR lifted_at IS NULL))
    )
    """,
    "CREATE INDEX ix_officer_notes_application ON officer_notes (application_id, written_at)",
    "CREATE INDEX ix_officer_notes_flags ON officer_notes (call_id, application_id) WHERE is_flag AND lifted_at IS NULL",
    """
    CREATE TABLE overrules (
        id uuid PRIMARY KEY,
        application_id uuid NOT NULL REFERENCES applications (id),
        call_id uuid NOT NULL REFERENCES calls (id),
        organisation_id uuid NOT NULL,
        region varchar NOT NULL,
        revision integer NOT NULL,
        rule varchar NOT NULL,
        passed boolean NOT NULL,
        words bytea,
        proposed_by varchar NOT NULL,
        proposed_at timestamptz NOT NULL,
        state varchar NOT NULL CONSTRAINT ck_overrules_state CHECK (state IN ('proposed', 'confirmed', 'refused')),
        decided_by varchar,
        decided_at timestamptz,
        CONSTRAINT ck_overrules_decided CHECK (num_nulls(decided_by, decided_at) = CASE WHEN state = 'proposed' THEN 2 ELSE 0 END),
        CONSTRAINT ck_overrules_two_persons CHECK (state <> 'confirmed' OR decided_by <> proposed_by)
    )
    """,
    "CREATE UNIQUE INDEX uq_overrules_rule ON overrules (application_id, revision, rule) WHERE state IN ('proposed', 'confirmed')",
    "CREATE INDEX ix_overrules_list ON overrules (region, proposed_at, id)",
    """
    CREATE TABLE bulk_acts (
        id uuid PRIMARY KEY,
        call_id uuid NOT NULL REFERENCES calls (id),
        region varchar NOT NULL,
        action varchar NOT NULL CONSTRAINT ck_bulk_acts_action CHECK (action IN ('screen', 'return', 'flag', 'lift-flags')),
        by varchar NOT NULL,
        at timestamptz NOT NULL,
        results jsonb NOT NULL,
        undone_at timestamptz,
        undone_by varchar,
        CONSTRAINT ck_bulk_acts_undone CHECK (num_nulls(undone_at, undone_by) IN (0, 2))
    )
    """,
    "CREATE INDEX ix_bulk_acts_call ON bulk_acts (call_id, at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("bulk_acts", "overrules", "officer_notes"):
        op.execute(f"DROP TABLE {table}")
