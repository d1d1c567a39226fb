"""Policies and forms that wait for a second officer. What each constraint stops is said in tables/scheme_files.py."""

from alembic import op

revision = "applications_0026"
down_revision = "applications_0025"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE scheme_file_proposals (
        id uuid PRIMARY KEY,
        kind varchar NOT NULL CONSTRAINT ck_scheme_file_proposals_kind CHECK (kind IN ('policy', 'form')),
        region varchar NOT NULL,
        scheme varchar NOT NULL,
        effective_from date NOT NULL,
        text varchar NOT NULL,
        state varchar NOT NULL CONSTRAINT ck_scheme_file_proposals_state CHECK (state IN ('submitted', 'published', 'refused')),
        proposed_by varchar NOT NULL,
        proposed_at timestamptz NOT NULL,
        decided_by varchar,
        decided_at timestamptz,
        words varchar NOT NULL,
        CONSTRAINT ck_scheme_file_proposals_decided CHECK (num_nulls(decided_by, decided_at) IN (0, 2)),
        CONSTRAINT ck_scheme_file_proposals_two_persons
            CHECK (state <> 'published' OR (decided_by IS NOT NULL AND decided_by <> proposed_by))
    )
    """,
    "CREATE INDEX ix_scheme_file_proposals_list ON scheme_file_proposals (region, proposed_at, id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE scheme_file_proposals")
