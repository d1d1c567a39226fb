"""A deadline keeps the time of the event that set it, so that an older event does not end it."""

import sqlalchemy as sa
from alembic import op

revision = "vouchers_0004"
down_revision = "vouchers_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("milestones", sa.Column("set_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("milestones", "set_at")
