"""Columns under the field's names."""

from alembic import op

revision = "applications_0005"
down_revision = "applications_0004"
branch_labels = None
depends_on = None

RENAMES = ("ALTER TABLE calls RENAME COLUMN selection TO selection_method",)
REVERSE = ("ALTER TABLE calls RENAME COLUMN selection_method TO selection",)


def upgrade() -> None:
    for statement in RENAMES:
        op.execute(statement)


def downgrade() -> None:
    for statement in REVERSE:
        op.execute(statement)
