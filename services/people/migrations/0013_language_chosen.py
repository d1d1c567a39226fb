"""Whether a person has chosen the language, or it is what the identity provider said at the first sign-in."""

from alembic import op

revision = "people_0013"
down_revision = "people_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE persons ADD COLUMN language_chosen boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE persons ALTER COLUMN language_chosen DROP DEFAULT")
    op.execute("""
        UPDATE persons SET language_chosen = true
        WHERE id IN (SELECT key FROM outbox WHERE type LIKE 'people.ProfileChanged.%' AND body -> 'fields' ? 'language')
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE persons DROP COLUMN language_chosen")
