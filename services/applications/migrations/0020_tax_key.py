"""The keyed hash of the applicant's tax number, by which organisations with one number are found in a call. Empty of before."""

from alembic import op

revision = "applications_0020"
down_revision = "applications_0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE applications ADD COLUMN tax_key varchar")
    op.execute("CREATE INDEX ix_applications_tax_key ON applications (call_id, tax_key)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_applications_tax_key")
    op.execute("ALTER TABLE applications DROP COLUMN tax_key")
