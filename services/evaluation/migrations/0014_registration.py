"""What an application in the queue asks for, and whose it is: its money is reserved at registration where the policy says so."""

from alembic import op

revision = "evaluation_0014"
down_revision = "evaluation_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE queue_entries ADD COLUMN requested_minor bigint, ADD COLUMN organisation_id uuid,"
        " ADD CONSTRAINT asks_for_something CHECK (requested_minor > 0)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE queue_entries DROP COLUMN requested_minor, DROP COLUMN organisation_id")
