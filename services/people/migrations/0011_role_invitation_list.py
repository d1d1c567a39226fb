"""A page of the roles that wait for an address is read along an index."""

from alembic import op

revision = "people_0011"
down_revision = "people_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_role_invitations_list", "role_invitations", ["region", "proposed_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_role_invitations_list")
