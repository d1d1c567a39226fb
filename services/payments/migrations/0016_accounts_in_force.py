"""No account is added without the time from which it is in force: those from before have no event that proves them."""

from alembic import op

revision = "payments_0016"
down_revision = "payments_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TRIGGER in_force_when_added BEFORE INSERT ON payee_accounts FOR EACH ROW "
        "WHEN (NEW.in_force_at IS NULL) EXECUTE FUNCTION append_only()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER in_force_when_added ON payee_accounts")
