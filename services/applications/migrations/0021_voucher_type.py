"""The type of voucher of an eligible application, by which the limits of an applicant are counted."""

from alembic import op

revision = "applications_0021"
down_revision = "applications_0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE applications ADD COLUMN voucher_type varchar")


def downgrade() -> None:
    op.execute("ALTER TABLE applications DROP COLUMN voucher_type")
