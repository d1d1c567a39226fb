"""What identifies an applicant is encrypted. The first byte 0 marks what was in clear; the worker encrypts it as it starts."""

from alembic import op

revision = "applications_0007"
down_revision = "applications_0006"
branch_labels = None
depends_on = "messaging_0009"

COLUMNS = {
    "form": ("jsonb", "form"),
    "assessment": ("jsonb", "nullif(assessment, 'null')"),
    "title": ("varchar", "to_jsonb(title)"),
    "return_note": ("varchar", "to_jsonb(return_note)"),
}


def upgrade() -> None:
    for column, (_, content) in COLUMNS.items():
        op.execute(f"ALTER TABLE applications ALTER {column} TYPE bytea USING '\\x00'::bytea || convert_to(({content})::text, 'UTF8')")


def downgrade() -> None:
    """Fails where the worker has encrypted something: no migration has the keys."""
    for column, (kind, _) in COLUMNS.items():
        content = f"convert_from(substr({column}, 2), 'UTF8')::jsonb"
        plain = content if kind == "jsonb" else f"{content} #>> '{{}}'"
        op.execute(f"ALTER TABLE applications ALTER {column} TYPE {kind} USING {plain}")
