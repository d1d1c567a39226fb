"""Of a suspension and its end the later one counts, in whichever order they are heard."""

from alembic import op

revision = "payments_0005"
down_revision = "payments_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE vouchers ADD COLUMN suspension_news_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE vouchers DROP COLUMN suspension_news_at")
