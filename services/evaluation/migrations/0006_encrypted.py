"""Comments of evaluators are encrypted with the key of the applicant. The first byte 0 marks what was in clear, until the worker starts."""

from alembic import op

revision = "evaluation_0006"
down_revision = "evaluation_0005"
branch_labels = None
depends_on = "messaging_0009"


def upgrade() -> None:
    op.execute("ALTER TABLE assignments ADD COLUMN organisation_id uuid")
    op.execute("""
        UPDATE assignments SET organisation_id = cases.organisation_id FROM cases WHERE cases.application_id = assignments.application_id
    """)
    op.execute("ALTER TABLE assignments ALTER organisation_id SET NOT NULL")
    op.execute("ALTER TABLE assignments ALTER comment DROP NOT NULL")
    plain = "convert_to(to_jsonb(nullif(comment, ''))::text, 'UTF8')"
    op.execute(f"ALTER TABLE assignments ALTER comment TYPE bytea USING '\\x00'::bytea || {plain}")


def downgrade() -> None:
    """Fails where the worker has encrypted something: no migration has the keys."""
    op.execute("ALTER TABLE assignments ALTER comment TYPE varchar USING convert_from(substr(comment, 2), 'UTF8')::jsonb #>> '{}'")
    op.execute("UPDATE assignments SET comment = '' WHERE comment IS NULL")
    op.execute("ALTER TABLE assignments ALTER comment SET NOT NULL")
    op.execute("ALTER TABLE assignments DROP COLUMN organisation_id")
