"""A payee's account in use is one of its recorded accounts: it cannot be changed without a new version in `payee_accounts`."""

from alembic import op

revision = "payments_0009"
down_revision = "payments_0008"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE payee_accounts ADD CONSTRAINT whole_account UNIQUE (payee_id, version, name, account_number, set_by, set_at)",
    """
    ALTER TABLE payees ADD CONSTRAINT account_in_use_is_recorded
        FOREIGN KEY (id, account_version, name, account_number, account_set_by, account_set_at)
        REFERENCES payee_accounts (payee_id, version, name, account_number, set_by, set_at) DEFERRABLE INITIALLY DEFERRED
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE payees DROP CONSTRAINT account_in_use_is_recorded")
    op.execute("ALTER TABLE payee_accounts DROP CONSTRAINT whole_account")
