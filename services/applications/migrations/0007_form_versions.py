"""Every submitted version of a form is kept; a return that needs two officers waits for the second.

The version of an application that is returned at this moment is its form as it is now, which may have been changed since.
"""

from alembic import op

revision = "applications_0007"
down_revision = "applications_0006"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE form_versions (
        application_id uuid NOT NULL,
        revision integer NOT NULL,
        sequence integer NOT NULL,
        form jsonb NOT NULL,
        changed jsonb NOT NULL,
        submitted_at timestamptz NOT NULL,
        PRIMARY KEY (application_id, revision),
        FOREIGN KEY(application_id) REFERENCES applications (id)
    )
    """,
    """
    INSERT INTO form_versions (application_id, revision, sequence, form, changed, submitted_at)
    SELECT id, revision, sequence, form, '[]', changed_at FROM applications WHERE sequence IS NOT NULL
    """,
    """
    CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
    """,
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON form_versions FOR EACH STATEMENT EXECUTE FUNCTION append_only()",
    "ALTER TABLE applications ADD COLUMN proposed_return_fields jsonb",
    "ALTER TABLE applications ADD COLUMN return_proposed_by varchar",
    """
    ALTER TABLE applications ADD CONSTRAINT ck_applications_return_proposal
        CHECK (num_nulls(proposed_return_fields, return_proposed_by) IN (0, 2))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE applications DROP COLUMN proposed_return_fields, DROP COLUMN return_proposed_by")
    op.execute("DROP TABLE form_versions")
    op.execute("DROP FUNCTION append_only")
