"""A refused file of the bank can be dismissed with a reason, opened again, and tried again."""

from alembic import op

revision = "payments_0042"
down_revision = "payments_0041"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    ALTER TABLE bank_files
        ADD COLUMN dismissed boolean NOT NULL DEFAULT false,
        ADD COLUMN retry_at timestamptz,
        ADD CONSTRAINT only_a_refused_file CHECK (state = 'refused' OR (NOT dismissed AND retry_at IS NULL))
    """,
    "CREATE INDEX ix_bank_files_refused ON bank_files (taken_at) WHERE state = 'refused'",
    """
    CREATE TABLE bank_file_acts (
        id uuid NOT NULL PRIMARY KEY,
        file_sha256 varchar NOT NULL REFERENCES bank_files (sha256),
        act varchar NOT NULL,
        reason varchar NOT NULL,
        by varchar NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT known_act CHECK (act IN ('retried', 'dismissed', 'reopened'))
    )
    """,
    "CREATE INDEX ix_bank_file_acts_file_sha256 ON bank_file_acts (file_sha256)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE bank_file_acts")
    op.execute("DROP INDEX ix_bank_files_refused")
    op.execute("ALTER TABLE bank_files DROP CONSTRAINT only_a_refused_file, DROP COLUMN dismissed, DROP COLUMN retry_at")
