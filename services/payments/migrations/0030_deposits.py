"""Own shares as deposits: what is awaited, what came, what of it pays providers, and its account in the ledger of a region."""

from alembic import op

revision = "payments_0030"
down_revision = "payments_0029"
branch_labels = None
depends_on = None

BEFORE = "'funding', 'available', 'reserved', 'committed', 'paid', 'recovered', 'clearing', 'income', 'suspense'"
REASONS = "'claim-window-ended', 'withdrawn', 'revoked'"
STATEMENTS = (
    """
    CREATE TABLE deposits (
        voucher_id uuid PRIMARY KEY REFERENCES vouchers (id),
        region varchar NOT NULL,
        currency varchar NOT NULL,
        amount_minor bigint NOT NULL,
        due_at timestamptz NOT NULL,
        reference varchar NOT NULL UNIQUE,
        state varchar NOT NULL,
        paid_on date,
        credit_line_id uuid UNIQUE REFERENCES bank_lines (id),
        used_minor bigint NOT NULL,
        left_minor bigint NOT NULL,
        CONSTRAINT known_state CHECK (state IN ('awaited', 'paid', 'lapsed', 'closed')),
        CONSTRAINT asks_for_something CHECK (amount_minor > 0),
        CONSTRAINT out_is_not_above_in CHECK (used_minor >= 0 AND left_minor >= 0 AND used_minor + left_minor <= amount_minor),
        CONSTRAINT paid_by_a_line CHECK ((state IN ('paid', 'closed')) = (credit_line_id IS NOT NULL))
    )
    """,
    "ALTER TABLE claims ADD COLUMN own_minor bigint NOT NULL DEFAULT 0",
    "ALTER TABLE claims ALTER own_minor DROP DEFAULT",
    "ALTER TABLE claims ADD CONSTRAINT own_part_of_expenditure CHECK (own_minor >= 0 AND (kind = 'expenditure' OR own_minor = 0))",
    "ALTER TABLE disbursements ADD COLUMN own_minor bigint NOT NULL DEFAULT 0",
    "ALTER TABLE disbursements ALTER own_minor DROP DEFAULT",
    "ALTER TABLE disbursements ADD CONSTRAINT own_part_of_the_payment CHECK (own_minor >= 0 AND own_minor < amount_minor)",
    "ALTER TABLE ledger_accounts DROP CONSTRAINT known_account",
    f"ALTER TABLE ledger_accounts ADD CONSTRAINT known_account CHECK (name IN ({BEFORE}, 'deposits'))",
    "ALTER TABLE vouchers DROP CONSTRAINT known_closure_reason",
    f"ALTER TABLE vouchers ADD CONSTRAINT known_closure_reason CHECK (closure_reason IN ({REASONS}, 'deposit-missing'))",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails where a deposit was paid in, or has lapsed: the ledger keeps its accounts."""
    op.execute("ALTER TABLE vouchers DROP CONSTRAINT known_closure_reason")
    op.execute(f"ALTER TABLE vouchers ADD CONSTRAINT known_closure_reason CHECK (closure_reason IN ({REASONS}))")
    op.execute("ALTER TABLE ledger_accounts DROP CONSTRAINT known_account")
    op.execute(f"ALTER TABLE ledger_accounts ADD CONSTRAINT known_account CHECK (name IN ({BEFORE}))")
    op.execute("ALTER TABLE disbursements DROP COLUMN own_minor")
    op.execute("ALTER TABLE claims DROP COLUMN own_minor")
    op.execute("DROP TABLE deposits")
