"""Members of organisations: all of them are on the applicant's side of its applications (tables/members.py)."""

from alembic import op

revision = "applications_0015"
down_revision = "applications_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE members (
            organisation_id uuid NOT NULL,
            person_id uuid NOT NULL,
            has_left boolean NOT NULL,
            changed_at timestamptz NOT NULL,
            PRIMARY KEY (organisation_id, person_id)
        )
    """)


def downgrade() -> None:
    op.execute("DROP TABLE members")
