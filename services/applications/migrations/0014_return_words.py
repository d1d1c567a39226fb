"""What an officer asks for, question by question, when an application is returned."""

from alembic import op

revision = "applications_0014"
down_revision = "applications_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE applications ADD COLUMN return_words bytea")
    op.execute("ALTER TABLE applications DROP CONSTRAINT ck_applications_removed_texts")
    op.execute(_removed("title, assessment, return_words"))


def downgrade() -> None:
    op.execute("ALTER TABLE applications DROP COLUMN return_words")  # and the constraint that names it
    op.execute(_removed("title, assessment"))


def _removed(columns: str) -> str:
    check = f"CHECK (removed_at IS NULL OR num_nonnulls({columns}) = 0)"
    return f"ALTER TABLE applications ADD CONSTRAINT ck_applications_removed_texts {check}"
