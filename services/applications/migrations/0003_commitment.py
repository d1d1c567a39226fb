"""The hash of the nonce of a call's draw is stored here too: a call with a draw closes only after the commitment."""

import sqlalchemy as sa
from alembic import op

revision = "applications_0003"
down_revision = "applications_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("nonce_hash", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("calls", "nonce_hash")
