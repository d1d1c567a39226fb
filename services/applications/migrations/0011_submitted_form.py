"""A submitted form is fixed: it may only be encrypted, and become empty.

Until now the first version of each form was stored twice. It is its application's form until the application is returned.
"""

from alembic import op

revision = "applications_0011"
down_revision = "applications_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TRIGGER submitted_form BEFORE UPDATE OF form ON applications
        FOR EACH ROW WHEN (
            OLD.state NOT IN ('draft', 'returned') AND NEW.form IS NOT NULL AND (OLD.form IS NULL OR get_byte(OLD.form, 0) <> 0)
        ) EXECUTE FUNCTION append_only()
    """)


def downgrade() -> None:
    """Those who go back find no first version of an application that was never returned."""
    op.execute("DROP TRIGGER submitted_form ON applications")
