"""An index in the order of the list, by region, so that a page costs the same however many rows there are."""

from alembic import op

revision = "vouchers_0003"
down_revision = "vouchers_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_vouchers_newest", "vouchers", ["region", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_vouchers_newest")
