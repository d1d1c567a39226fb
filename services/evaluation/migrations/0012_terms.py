"""What a case gets beside its amount, where the cases of its policy differ."""

from alembic import op

revision = "evaluation_0012"
down_revision = "evaluation_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE cases ADD COLUMN terms jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE cases DROP COLUMN terms")
