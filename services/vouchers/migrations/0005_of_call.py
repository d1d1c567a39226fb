"""An index for the list of one call's vouchers."""

from alembic import op

revision = "vouchers_0005"
down_revision = "vouchers_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_vouchers_of_call", "vouchers", ["call_id", "created_at", "id"])
    op.drop_index("ix_vouchers_call_id")  # its first column


def downgrade() -> None:
    op.create_index("ix_vouchers_call_id", "vouchers", ["call_id"])
    op.drop_index("ix_vouchers_of_call")
