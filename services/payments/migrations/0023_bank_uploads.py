"""Files of the bank that a person uploads and a second one confirms; the place at fault in a file that was refused."""

from alembic import op

revision = "payments_0023"
down_revision = "payments_0022"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE bank_uploads (
        id uuid NOT NULL,
        sha256 varchar NOT NULL,
        name varchar NOT NULL,
        size_bytes bigint NOT NULL,
        message varchar NOT NULL,
        lines integer NOT NULL,
        region varchar,
        content bytea,
        removed_at timestamptz,
        state varchar NOT NULL,
        reason varchar,
        place varchar,
        proposed_by varchar NOT NULL,
        proposed_at timestamptz NOT NULL,
        decided_by varchar,
        decided_at timestamptz,
        PRIMARY KEY (id),
        CONSTRAINT known_state CHECK (state IN ('proposed', 'confirmed', 'rejected', 'refused')),
        CONSTRAINT decided_by_somebody
            CHECK (num_nulls(decided_by, decided_at) = CASE WHEN state IN ('proposed', 'refused') THEN 2 ELSE 0 END),
        CONSTRAINT confirmed_by_another CHECK (state <> 'confirmed' OR decided_by <> proposed_by),
        CONSTRAINT refused_with_reason CHECK ((state = 'refused') = (reason IS NOT NULL)),
        CONSTRAINT read_for_a_region CHECK ((state = 'refused') = (region IS NULL)),
        CONSTRAINT removed_or_whole CHECK ((content IS NULL) = (removed_at IS NOT NULL))
    )
    """,
    "CREATE UNIQUE INDEX one_open_upload ON bank_uploads (sha256) WHERE state = 'proposed'",
    "CREATE INDEX ix_bank_uploads_list ON bank_uploads (proposed_at, id)",
    "CREATE INDEX ix_bank_uploads_sha256 ON bank_uploads (sha256)",
    "ALTER TABLE bank_files ADD COLUMN place varchar",
    "ALTER TABLE bank_files ADD COLUMN upload_id uuid UNIQUE REFERENCES bank_uploads (id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails where a file was uploaded: who confirmed it would be lost."""
    op.execute("ALTER TABLE bank_files ADD CONSTRAINT by_the_folder CHECK (upload_id IS NULL)")
    op.execute("ALTER TABLE bank_files DROP CONSTRAINT by_the_folder")
    op.execute("ALTER TABLE bank_files DROP COLUMN upload_id, DROP COLUMN place")
    op.execute("DROP TABLE bank_uploads")
