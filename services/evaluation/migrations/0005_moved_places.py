"""An application that lost its place in a first-come call keeps the old one as moved, and has a later one."""

from alembic import op

revision = "evaluation_0005"
down_revision = "evaluation_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE queue_entries DROP CONSTRAINT state")
    op.execute(
        "ALTER TABLE queue_entries ADD CONSTRAINT state CHECK (state IN ('waiting', 'eligible', 'ineligible', 'withdrawn', 'moved'))"
    )
    op.execute("ALTER TABLE queue_entries DROP CONSTRAINT one_queue_entry_per_application")
    op.execute("CREATE UNIQUE INDEX one_place_per_application ON queue_entries (application_id) WHERE state <> 'moved'")


def downgrade() -> None:
    op.execute("DROP INDEX one_place_per_application")
    op.execute("ALTER TABLE queue_entries ADD CONSTRAINT one_queue_entry_per_application UNIQUE (application_id)")
    op.execute("ALTER TABLE queue_entries DROP CONSTRAINT state")
    op.execute("ALTER TABLE queue_entries ADD CONSTRAINT state CHECK (state IN ('waiting', 'eligible', 'ineligible', 'withdrawn'))")
