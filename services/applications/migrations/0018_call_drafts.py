"""Calls that are being written, and the versions of the texts of a call. What each constraint stops is said in tables/calls.py."""

from alembic import op

revision = "applications_0018"
down_revision = "applications_0017"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE calls ADD COLUMN wording jsonb",
    "ALTER TABLE calls ADD COLUMN wording_version integer NOT NULL DEFAULT 1",
    "ALTER TABLE calls ALTER wording_version DROP DEFAULT",
    """
    CREATE TABLE call_wordings (
        call_id uuid NOT NULL REFERENCES calls (id),
        version integer NOT NULL,
        title jsonb NOT NULL,
        text jsonb NOT NULL,
        words varchar NOT NULL,
        written_by varchar NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (call_id, version)
    )
    """,
    """
    CREATE TABLE call_drafts (
        id uuid PRIMARY KEY,
        region varchar NOT NULL,
        scheme varchar NOT NULL,
        copy_of uuid,
        state varchar NOT NULL CONSTRAINT ck_call_drafts_state CHECK (state IN ('draft', 'submitted', 'published', 'discarded')),
        version integer NOT NULL,
        content jsonb NOT NULL,
        created_by varchar NOT NULL,
        created_at timestamptz NOT NULL,
        changed_by varchar NOT NULL,
        changed_at timestamptz NOT NULL,
        submitted_by varchar,
        submitted_at timestamptz,
        published_by varchar,
        returned_words varchar NOT NULL,
        CONSTRAINT ck_call_drafts_submitted CHECK (num_nulls(submitted_by, submitted_at) IN (0, 2)),
        CONSTRAINT ck_call_drafts_two_persons
            CHECK (state <> 'published' OR (submitted_by IS NOT NULL AND published_by <> submitted_by))
    )
    """,
    "CREATE INDEX ix_call_drafts_list ON call_drafts (region, changed_at, id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE call_drafts")
    op.execute("DROP TABLE call_wordings")
    op.execute("ALTER TABLE calls DROP COLUMN wording_version")
    op.execute("ALTER TABLE calls DROP COLUMN wording")
