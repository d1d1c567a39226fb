"""Columns under the field's names: a seat is what an evaluator fills, a relation what conflicts are found by."""

from alembic import op

revision = "evaluation_0004"
down_revision = "evaluation_0003"
branch_labels = None
depends_on = None

RENAMES = (
    "ALTER TABLE calls RENAME COLUMN method TO selection_method",
    "ALTER TABLE calls RENAME CONSTRAINT method TO selection_method",
    "ALTER TABLE assignments RENAME COLUMN place TO seat",
    "ALTER TABLE assignments RENAME CONSTRAINT place TO seat",
    "ALTER TABLE evaluators RENAME COLUMN ties_since TO relations_since",
    "ALTER INDEX one_active_per_place RENAME TO one_active_per_seat",
)
REVERSE = (
    "ALTER TABLE evaluators RENAME COLUMN relations_since TO ties_since",
    "ALTER INDEX one_active_per_seat RENAME TO one_active_per_place",
    "ALTER TABLE assignments RENAME CONSTRAINT seat TO place",
    "ALTER TABLE assignments RENAME COLUMN seat TO place",
    "ALTER TABLE calls RENAME CONSTRAINT selection_method TO method",
    "ALTER TABLE calls RENAME COLUMN selection_method TO method",
)


def upgrade() -> None:
    for statement in RENAMES:
        op.execute(statement)


def downgrade() -> None:
    for statement in REVERSE:
        op.execute(statement)
