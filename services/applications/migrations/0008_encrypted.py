"""What identifies an applicant is encrypted. The first byte 0 marks what was in clear; the worker encrypts it as it starts.

A submitted version of a form is changed by that alone: the trigger lets a row go whose form is in clear.
"""

from alembic import op

revision = "applications_0008"
down_revision = "applications_0007"
branch_labels = None
depends_on = "messaging_0009"

COLUMNS = {
    "form": ("jsonb", "form"),
    "assessment": ("jsonb", "nullif(assessment, 'null')"),
    "title": ("varchar", "to_jsonb(title)"),
    "return_note": ("varchar", "to_jsonb(return_note)"),
}


VERSIONS = (
    "ALTER TABLE form_versions ADD COLUMN organisation_id uuid, ADD COLUMN region varchar",
    "DROP TRIGGER append_only ON form_versions",
    """
    UPDATE form_versions SET organisation_id = applications.organisation_id, region = applications.region
    FROM applications WHERE applications.id = form_versions.application_id
    """,
    "ALTER TABLE form_versions ALTER organisation_id SET NOT NULL, ALTER region SET NOT NULL",
    "ALTER TABLE form_versions ADD COLUMN rewritten jsonb NOT NULL DEFAULT '[]'",
    """
    UPDATE form_versions SET rewritten = (
        SELECT coalesce(jsonb_agg(path), '[]') FROM jsonb_array_elements_text(form_versions.changed) AS path
        WHERE before.form #> string_to_array(path, '.') IS NOT NULL
    ) FROM form_versions AS before
    WHERE before.application_id = form_versions.application_id AND before.revision = form_versions.revision - 1
    """,
    "ALTER TABLE form_versions ALTER rewritten DROP DEFAULT",
    "ALTER TABLE form_versions ALTER form TYPE bytea USING '\\x00'::bytea || convert_to(form::text, 'UTF8')",
    "CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON form_versions FOR EACH STATEMENT EXECUTE FUNCTION append_only()",
    """
    CREATE TRIGGER unchanged BEFORE UPDATE ON form_versions
    FOR EACH ROW WHEN (get_byte(OLD.form, 0) <> 0) EXECUTE FUNCTION append_only()
    """,
)


def upgrade() -> None:
    for statement in VERSIONS:
        op.execute(statement)
    for column, (_, content) in COLUMNS.items():
        op.execute(f"ALTER TABLE applications ALTER {column} TYPE bytea USING '\\x00'::bytea || convert_to(({content})::text, 'UTF8')")


def downgrade() -> None:
    """Fails where the worker has encrypted something: no migration has the keys."""
    op.execute("DROP TRIGGER unchanged ON form_versions")
    op.execute("ALTER TABLE form_versions ALTER form TYPE jsonb USING convert_from(substr(form, 2), 'UTF8')::jsonb")
    op.execute("ALTER TABLE form_versions DROP COLUMN organisation_id, DROP COLUMN region, DROP COLUMN rewritten")
    for column, (kind, _) in COLUMNS.items():
        content = f"convert_from(substr({column}, 2), 'UTF8')::jsonb"
        plain = content if kind == "jsonb" else f"{content} #>> '{{}}'"
        op.execute(f"ALTER TABLE applications ALTER {column} TYPE {kind} USING {plain}")
