"""What a voucher is worth after a granted change, and which provider it has from which day on."""

from alembic import op

revision = "payments_0021"
down_revision = "payments_0020"
branch_labels = None
depends_on = None

HELD = "reserved_minor + committed_minor + paid_minor + released_minor"
STATEMENTS = (
    "ALTER TABLE vouchers ADD COLUMN value_minor bigint, ADD COLUMN drawn_minor bigint",
    "UPDATE vouchers SET value_minor = amount_minor, drawn_minor = amount_minor",
    "ALTER TABLE vouchers ALTER value_minor SET NOT NULL, ALTER drawn_minor SET NOT NULL",
    "ALTER TABLE vouchers DROP CONSTRAINT within_value, DROP CONSTRAINT claims_within_value",
    f"ALTER TABLE vouchers ADD CONSTRAINT within_value CHECK ({HELD} <= drawn_minor)",
    "ALTER TABLE vouchers ADD CONSTRAINT claims_within_value CHECK (claimed_minor BETWEEN 0 AND value_minor)",
    "ALTER TABLE vouchers ADD CONSTRAINT drawn_covers_value CHECK (value_minor BETWEEN 1 AND drawn_minor AND drawn_minor >= amount_minor)",
    "ALTER TABLE claims ADD COLUMN value_minor bigint",
    """
    CREATE TABLE value_changes (
        change_id uuid PRIMARY KEY,
        voucher_id uuid NOT NULL REFERENCES vouchers (id),
        previous_minor bigint NOT NULL,
        wanted_minor bigint NOT NULL,
        rule varchar,
        limit_minor bigint,
        answered_at timestamptz NOT NULL,
        CONSTRAINT known_rule CHECK (rule IN ('claims-closed', 'below-claimed', 'envelope-exhausted')),
        CONSTRAINT refused_with_its_bound CHECK ((rule IS NULL) = (limit_minor IS NULL)),
        CONSTRAINT worth_something CHECK (wanted_minor > 0)
    )
    """,
    "CREATE INDEX ix_value_changes_voucher_id ON value_changes (voucher_id)",
    """
    CREATE TABLE provider_changes (
        change_id uuid PRIMARY KEY,
        voucher_id uuid NOT NULL REFERENCES vouchers (id),
        provider_hash varchar NOT NULL,
        since date NOT NULL,
        granted_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_provider_changes_voucher_id ON provider_changes (voucher_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails where a voucher has more money than its award gave."""
    op.execute("DROP TABLE provider_changes")
    op.execute("DROP TABLE value_changes")
    op.execute("ALTER TABLE claims DROP COLUMN value_minor")
    op.execute("ALTER TABLE vouchers DROP CONSTRAINT drawn_covers_value, DROP CONSTRAINT within_value, DROP CONSTRAINT claims_within_value")
    op.execute("ALTER TABLE vouchers ADD CONSTRAINT claims_within_value CHECK (claimed_minor BETWEEN 0 AND amount_minor)")
    op.execute(f"ALTER TABLE vouchers ADD CONSTRAINT within_value CHECK ({HELD} <= amount_minor)")
    op.execute("ALTER TABLE vouchers DROP COLUMN value_minor, DROP COLUMN drawn_minor")
