"""Since when each relation of an evaluator is known: a score submitted before that is no breach."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "evaluation_0002"
down_revision = "evaluation_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evaluators", sa.Column("ties_since", postgresql.JSONB, server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("evaluators", "ties_since")
