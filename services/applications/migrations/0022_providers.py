"""Providers of the catalogue: who is one, or is linked to one, is no applicant where the policy says so."""

from alembic import op

revision = "applications_0022"
down_revision = "applications_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE providers (
            id uuid NOT NULL PRIMARY KEY,
            region varchar NOT NULL,
            organisation_id uuid NOT NULL,
            state varchar NOT NULL,
            step integer NOT NULL,
            keys jsonb NOT NULL
        )
    """)
    op.execute("CREATE INDEX ix_providers_region ON providers (region, organisation_id)")


def downgrade() -> None:
    op.execute("DROP TABLE providers")
