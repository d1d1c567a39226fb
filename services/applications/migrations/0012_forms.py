"""A call is pinned to its form; each section of an application has a version, and each answer the version at which it changed last.

Calls of before have no form id: they ask the first common core.
"""

from alembic import op

revision = "applications_0012"
down_revision = "applications_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE calls ADD COLUMN form_id varchar")
    for column in ("section_versions", "answer_versions"):
        op.execute(f"ALTER TABLE applications ADD COLUMN {column} jsonb NOT NULL DEFAULT '{{}}'")


def downgrade() -> None:
    op.execute("ALTER TABLE calls DROP COLUMN form_id")
    op.execute("ALTER TABLE applications DROP COLUMN section_versions, DROP COLUMN answer_versions")
