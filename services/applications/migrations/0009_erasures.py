"""Erasures of what is held about an organisation."""

from alembic import op

revision = "applications_0009"
down_revision = "applications_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE erasures (
            id uuid PRIMARY KEY,
            organisation_id uuid NOT NULL,
            region varchar NOT NULL,
            reason varchar NOT NULL,
            requested_by varchar NOT NULL,
            requested_at timestamptz NOT NULL,
            confirmed_by varchar,
            confirmed_at timestamptz,
            CONSTRAINT ck_erasures_confirmed CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
            CONSTRAINT ck_erasures_two_persons CHECK (confirmed_by <> requested_by)
        )
    """)
    op.execute("CREATE UNIQUE INDEX uq_erasures_organisation ON erasures (organisation_id)")


def downgrade() -> None:
    op.execute("DROP TABLE erasures")
