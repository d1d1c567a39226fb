"""Files of applications. What each constraint stops is said in tables/files.py."""

from alembic import op

revision = "applications_0013"
down_revision = "applications_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE files (
            id uuid PRIMARY KEY,
            application_id uuid NOT NULL REFERENCES applications (id),
            organisation_id uuid NOT NULL,
            region varchar NOT NULL,
            question varchar NOT NULL,
            name bytea,
            media_type varchar NOT NULL,
            size_bytes bigint NOT NULL CONSTRAINT ck_files_size CHECK (size_bytes > 0),
            sha256 varchar NOT NULL,
            stored_sha256 varchar NOT NULL,
            scan varchar NOT NULL CONSTRAINT ck_files_scan CHECK (scan IN ('clean', 'unscanned')),
            uploaded_by varchar NOT NULL,
            uploaded_at timestamptz NOT NULL,
            revision integer,
            removed_at timestamptz,
            deleted_at timestamptz,
            gone boolean NOT NULL,
            CONSTRAINT ck_files_name CHECK ((name IS NULL) = (deleted_at IS NOT NULL)),
            CONSTRAINT ck_files_gone CHECK (NOT gone OR deleted_at IS NOT NULL),
            CONSTRAINT ck_files_removed CHECK (removed_at IS NULL OR revision IS NOT NULL OR deleted_at IS NOT NULL)
        )
    """)
    op.execute("CREATE INDEX ix_files_application ON files (application_id)")
    op.execute("CREATE INDEX ix_files_to_delete ON files (id) WHERE deleted_at IS NOT NULL AND NOT gone")


def downgrade() -> None:
    op.execute("DROP TABLE files")
