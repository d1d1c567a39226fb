"""What the bank says about a line in words, encrypted: the code of a reason alone tells nobody what to correct. And why each line was
matched or not."""

from alembic import op

revision = "payments_0038"
down_revision = "payments_0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE bank_words (
            line_id uuid NOT NULL PRIMARY KEY REFERENCES bank_lines (id),
            subject_id uuid NOT NULL,
            region varchar,
            words bytea
        )
    """)
    op.execute("ALTER TABLE bank_lines ADD COLUMN evidence varchar")
    op.execute("CREATE INDEX ix_bank_words_subject_id ON bank_words (subject_id)")


def downgrade() -> None:
    op.execute("ALTER TABLE bank_lines DROP COLUMN evidence")
    op.execute("DROP TABLE bank_words")
