"""A page of a list is read along an index, however many rows there are: by region in the list's own order."""

from alembic import op

revision = "applications_0002"
down_revision = "applications_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_applications_list", "applications", ["region", "created_at", "id"])
    op.drop_index("ix_applications_region")  # its first column


def downgrade() -> None:
    op.drop_index("ix_applications_list")
    op.create_index("ix_applications_region", "applications", ["region"])
