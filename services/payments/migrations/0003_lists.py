"""A page of a list is read along an index, however many rows there are: by region in the list's own order."""

from alembic import op

revision = "payments_0003"
down_revision = "payments_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_claims_list", "claims", ["region", "lodged_at", "id"])
    op.drop_index("ix_claims_region")  # its first column
    op.create_index("ix_disbursements_list", "disbursements", ["region", "prepared_at", "id"])
    op.drop_index("ix_disbursements_region")  # its first column
    op.create_index("ix_payees_list", "payees", ["region", "account_set_at", "id"])
    op.drop_index("ix_payees_region")  # its first column


def downgrade() -> None:
    op.drop_index("ix_claims_list")
    op.create_index("ix_claims_region", "claims", ["region"])
    op.drop_index("ix_disbursements_list")
    op.create_index("ix_disbursements_region", "disbursements", ["region"])
    op.drop_index("ix_payees_list")
    op.create_index("ix_payees_region", "payees", ["region"])
