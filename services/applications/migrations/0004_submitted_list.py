"""The list of a region holds submitted applications, and so does its index: counting reads the index alone."""

from alembic import op

revision = "applications_0004"
down_revision = "applications_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_applications_list")
    op.execute("CREATE INDEX ix_applications_list ON applications (region, created_at, id) WHERE sequence IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_applications_list")
    op.create_index("ix_applications_list", "applications", ["region", "created_at", "id"])
