"""Policies and forms that were published while the platform runs."""

from alembic import op

revision = "messaging_0014"
down_revision = "messaging_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE scheme_files (
            id uuid PRIMARY KEY,
            kind varchar NOT NULL,
            region varchar NOT NULL,
            scheme varchar NOT NULL,
            effective_from date NOT NULL,
            text varchar NOT NULL,
            published_at timestamptz NOT NULL,
            CONSTRAINT uq_scheme_files_first_day UNIQUE (kind, region, scheme, effective_from)
        )
    """)


def downgrade() -> None:
    op.execute("DROP TABLE scheme_files")
