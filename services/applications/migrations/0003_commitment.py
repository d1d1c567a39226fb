"""The hash of the secret behind a call's draw is kept here too: a call that needs one closes only once it is."""

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
