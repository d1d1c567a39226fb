"""Advances and balances: claims of other kinds, what of a claim is settled or kept, guarantees, and what became of a balance."""

from alembic import op

revision = "payments_0029"
down_revision = "payments_0028"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    ALTER TABLE claims
        ADD COLUMN kind varchar NOT NULL DEFAULT 'expenditure',
        ADD COLUMN settled_minor bigint NOT NULL DEFAULT 0,
        ADD COLUMN retained_minor bigint NOT NULL DEFAULT 0
    """,
    "ALTER TABLE claims ALTER kind DROP DEFAULT, ALTER settled_minor DROP DEFAULT, ALTER retained_minor DROP DEFAULT",
    "ALTER TABLE claims ADD CONSTRAINT known_kind CHECK (kind IN ('expenditure', 'advance', 'balance'))",
    """
    ALTER TABLE claims ADD CONSTRAINT parts_of_the_grant CHECK (
        settled_minor >= 0 AND retained_minor >= 0 AND settled_minor + retained_minor <= coalesce(granted_minor, 0))
    """,
    "ALTER TABLE claims ADD CONSTRAINT parts_of_expenditure CHECK (kind = 'expenditure' OR settled_minor + retained_minor = 0)",
    "CREATE UNIQUE INDEX one_advance ON claims (voucher_id) WHERE kind = 'advance' AND state IN ('lodged', 'accepted')",
    "CREATE UNIQUE INDEX one_balance ON claims (voucher_id) WHERE kind = 'balance'",
    """
    CREATE TABLE guarantees (
        claim_id uuid PRIMARY KEY REFERENCES claims (id),
        reference varchar NOT NULL,
        amount_minor bigint NOT NULL,
        valid_until date NOT NULL,
        CONSTRAINT covers_something CHECK (amount_minor > 0)
    )
    """,
    """
    CREATE TABLE balances (
        voucher_id uuid PRIMARY KEY REFERENCES vouchers (id),
        outcome varchar NOT NULL,
        decided_at timestamptz NOT NULL,
        CONSTRAINT known_outcome CHECK (outcome IN ('released', 'lapsed'))
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails where an advance or a balance was paid."""
    op.execute("DROP TABLE balances")
    op.execute("DROP TABLE guarantees")
    op.execute("DROP INDEX one_advance")
    op.execute("DROP INDEX one_balance")
    op.execute("DELETE FROM claims WHERE kind <> 'expenditure'")
    op.execute("ALTER TABLE claims DROP COLUMN kind, DROP COLUMN settled_minor, DROP COLUMN retained_minor")
