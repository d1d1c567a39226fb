"""The regulation under which de minimis aid is granted or declared: until now there was one."""

from alembic import op

revision = "payments_0035"
down_revision = "payments_0034"
branch_labels = None
depends_on = None

TABLES = ("aid_entries", "aid_applicants")


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN regulation varchar NOT NULL DEFAULT '2023/2831'")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN regulation DROP DEFAULT")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN regulation")
