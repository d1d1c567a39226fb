"""A page of a list is read along an index, however many rows there are: by region in the list's own order."""

from alembic import op

revision = "evaluation_0003"
down_revision = "evaluation_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cases_list", "cases", ["region", "sequence", "application_id"])
    op.create_index("ix_assignments_list", "assignments", ["region", "due_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_cases_list")
    op.drop_index("ix_assignments_list")
