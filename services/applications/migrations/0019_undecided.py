"""Applications that are not screened, without reading the others."""

from alembic import op

revision = "applications_0019"
down_revision = "applications_0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_applications_undecided ON applications (region, call_id) WHERE state IN ('submitted', 'returned')")


def downgrade() -> None:
    op.execute("DROP INDEX ix_applications_undecided")
