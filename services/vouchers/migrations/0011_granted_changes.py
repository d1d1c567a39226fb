"""Another amount and another provider, once they are in force."""

from alembic import op

revision = "vouchers_0011"
down_revision = "vouchers_0010"
branch_labels = None
depends_on = None

WORDS = """
    CREATE OR REPLACE FUNCTION stated_words() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (OLD.explanation IS DISTINCT FROM NEW.explanation AND NEW.explanation IS NOT NULL)
            OR (OLD.provider IS DISTINCT FROM NEW.provider AND NEW.provider IS NOT NULL)
            {more}
            OR (OLD.state <> 'open' AND OLD.reason IS DISTINCT FROM NEW.reason AND NEW.reason IS NOT NULL)
        THEN
            RAISE EXCEPTION 'what was asked and answered does not change' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
"""
MORE = "OR (OLD.provider_tax_number IS DISTINCT FROM NEW.provider_tax_number AND NEW.provider_tax_number IS NOT NULL)"
STATEMENTS = (
    "ALTER TABLE vouchers ADD COLUMN value_minor bigint, ADD COLUMN drawn_minor bigint",
    "UPDATE vouchers SET value_minor = amount_minor, drawn_minor = amount_minor",
    "ALTER TABLE vouchers ALTER value_minor SET NOT NULL, ALTER drawn_minor SET NOT NULL",
    "ALTER TABLE vouchers ADD CONSTRAINT drawn_covers_value CHECK (value_minor BETWEEN 1 AND drawn_minor AND drawn_minor >= amount_minor)",
    "ALTER TABLE changes ADD COLUMN provider_tax_number bytea, ADD COLUMN provider_hash varchar, ADD COLUMN previous_minor bigint",
    "ALTER TABLE changes ADD COLUMN in_force_at timestamptz, ADD COLUMN refused_rule varchar, ADD COLUMN limit_minor bigint",
    "ALTER TABLE changes DROP CONSTRAINT known_state",
    "ALTER TABLE changes ADD CONSTRAINT known_state CHECK (state IN ('open', 'approved', 'granted', 'refused'))",
    "ALTER TABLE changes ADD CONSTRAINT only_money_waits CHECK (state <> 'approved' OR kind = 'amount')",
    "ALTER TABLE changes ADD CONSTRAINT granted_is_in_force CHECK (in_force_at IS NULL OR state = 'granted')",
    "ALTER TABLE changes ADD CONSTRAINT refused_with_its_bound CHECK ((refused_rule IS NULL) = (limit_minor IS NULL))",
    WORDS.format(more=MORE),
    "DROP INDEX one_open_change",
    "CREATE UNIQUE INDEX one_open_change ON changes (voucher_id, kind) WHERE state IN ('open', 'approved')",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails while payments has not answered a granted amount."""
    op.execute(WORDS.format(more=""))
    op.execute("DROP INDEX one_open_change")
    op.execute("CREATE UNIQUE INDEX one_open_change ON changes (voucher_id, kind) WHERE state = 'open'")
    op.execute("ALTER TABLE changes DROP CONSTRAINT only_money_waits, DROP CONSTRAINT granted_is_in_force")
    op.execute("ALTER TABLE changes DROP CONSTRAINT refused_with_its_bound, DROP CONSTRAINT known_state")
    op.execute("ALTER TABLE changes ADD CONSTRAINT known_state CHECK (state IN ('open', 'granted', 'refused'))")
    op.execute("ALTER TABLE changes DROP COLUMN in_force_at, DROP COLUMN refused_rule, DROP COLUMN limit_minor")
    op.execute("ALTER TABLE changes DROP COLUMN provider_tax_number, DROP COLUMN provider_hash, DROP COLUMN previous_minor")
    op.execute("ALTER TABLE vouchers DROP CONSTRAINT drawn_covers_value")
    op.execute("ALTER TABLE vouchers DROP COLUMN value_minor, DROP COLUMN drawn_minor")
