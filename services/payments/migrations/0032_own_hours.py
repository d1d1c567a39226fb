"""Lines of own hours: a person's function, the days of the work and the hours."""

from alembic import op

revision = "payments_0032"
down_revision = "payments_0031"
branch_labels = None
depends_on = None

LINES = {"claim_draft_lines": "hours_with_their_days", "claim_lines": "claimed_hours_with_their_days"}


def upgrade() -> None:
    for table, constraint in LINES.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN function bytea, ADD COLUMN worked_from date, ADD COLUMN hours_hundredths integer")
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {constraint}"
            " CHECK ((hours_hundredths IS NULL) = (worked_from IS NULL) AND hours_hundredths > 0 AND worked_from <= issued_on)"
        )


def downgrade() -> None:
    for table in LINES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN function, DROP COLUMN worked_from, DROP COLUMN hours_hundredths")
