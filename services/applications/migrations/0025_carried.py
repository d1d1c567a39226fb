"""Rounds: the application of an earlier round that is carried into a later one."""

from alembic import op

revision = "applications_0025"
down_revision = "applications_0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE applications ADD COLUMN carried_from uuid REFERENCES applications")
    op.execute("CREATE UNIQUE INDEX uq_applications_carried ON applications (carried_from) WHERE carried_from IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX uq_applications_carried")
    op.execute("ALTER TABLE applications DROP COLUMN carried_from")
