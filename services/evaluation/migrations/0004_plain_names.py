"""Tables and columns under the field's names: an evaluator fills a seat, a conflict of interest is found by relations."""

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
    "ALTER TABLE turns RENAME TO queue_entries",
    "ALTER TABLE queue_entries RENAME CONSTRAINT turns_pkey TO queue_entries_pkey",
    "ALTER TABLE queue_entries RENAME CONSTRAINT turns_call_id_fkey TO queue_entries_call_id_fkey",
    "ALTER TABLE queue_entries RENAME CONSTRAINT one_turn_per_application TO one_queue_entry_per_application",
)
REVERSE = (
    "ALTER TABLE queue_entries RENAME CONSTRAINT one_queue_entry_per_application TO one_turn_per_application",
    "ALTER TABLE queue_entries RENAME CONSTRAINT queue_entries_call_id_fkey TO turns_call_id_fkey",
    "ALTER TABLE queue_entries RENAME CONSTRAINT queue_entries_pkey TO turns_pkey",
    "ALTER TABLE queue_entries RENAME TO turns",
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
