"""The note of a rejected claim is encrypted. The first byte 0 marks what was in clear; the worker encrypts it as it starts."""

from alembic import op

revision = "payments_0013"
down_revision = "payments_0012"
branch_labels = None
depends_on = ("messaging_0009",)


def upgrade() -> None:
    op.execute("ALTER TABLE claims ALTER note TYPE bytea USING '\\x00'::bytea || convert_to(to_jsonb(note)::text, 'UTF8')")


def downgrade() -> None:
    """Fails where the worker has encrypted something: no migration has the keys."""
    op.execute("ALTER TABLE claims ALTER note TYPE varchar USING convert_from(substr(note, 2), 'UTF8')::jsonb #>> '{}'")
