"""Accounts of a region in the ledger: what lines of the bank are that belong to no call."""

from alembic import op

revision = "payments_0022"
down_revision = "payments_0021"
branch_labels = None
depends_on = None

CALL = "'funding', 'available', 'reserved', 'committed', 'paid', 'recovered'"
KINDS = "'income', 'to-sender', 'sent-back', 'income-undone', 'to-sender-undone', 'sent-back-undone'"
LINE = "'confirmed', 'bank-error', 'no-effect'"
BEFORE = "'matched', 'recovery', 'income', 'returned-to-sender', 'otherwise'"
NOW = "'matched', 'recovery', 'income', 'returned-to-sender', 'sent-back', 'otherwise', 'undone'"
BALANCES = """
    CREATE OR REPLACE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        entry uuid := CASE TG_TABLE_NAME WHEN 'ledger_entries' THEN to_jsonb(NEW)->>'id' ELSE to_jsonb(NEW)->>'entry_id' END;
        postings integer;
        balance numeric;
        strangers integer;
    BEGIN
        SELECT count(*), coalesce(sum(p.amount_minor), 0), count(*) FILTER (WHERE {strange})
            INTO postings, balance, strangers
            FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id JOIN ledger_entries e ON e.id = p.entry_id
            WHERE p.entry_id = entry;
        IF postings < 2 OR balance <> 0 OR strangers > 0 THEN
            RAISE EXCEPTION 'ledger entry % has % postings that add up to %, % of them of another call', entry, postings, balance, strangers
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances';
        END IF;
        RETURN NULL;
    END $$
"""
STATEMENTS = (
    "ALTER TABLE ledger_accounts ALTER call_id DROP NOT NULL, ADD COLUMN region varchar",
    "ALTER TABLE ledger_accounts ADD CONSTRAINT one_account_of_region UNIQUE (region, name, currency)",
    "ALTER TABLE ledger_accounts ADD CONSTRAINT account_of_call_or_region CHECK (num_nulls(call_id, region) = 1)",
    "ALTER TABLE ledger_accounts DROP CONSTRAINT known_account",
    f"ALTER TABLE ledger_accounts ADD CONSTRAINT known_account CHECK (name IN ({CALL}, 'clearing', 'income', 'suspense'))",
    "ALTER TABLE ledger_entries ALTER call_id DROP NOT NULL, ADD COLUMN region varchar",
    "ALTER TABLE ledger_entries ADD COLUMN line_id uuid REFERENCES bank_lines (id)",
    "ALTER TABLE ledger_entries ADD CONSTRAINT entry_of_call_or_region CHECK (num_nulls(call_id, region) = 1)",
    "ALTER TABLE ledger_entries ADD CONSTRAINT entry_of_region_has_a_line CHECK ((region IS NULL) = (line_id IS NULL))",
    "CREATE INDEX ix_ledger_entries_line_id ON ledger_entries (line_id)",
    BALANCES.format(strange="a.call_id IS DISTINCT FROM e.call_id OR a.region IS DISTINCT FROM e.region"),
    "ALTER TABLE bank_lines DROP CONSTRAINT known_resolution",
    f"ALTER TABLE bank_lines ADD CONSTRAINT known_resolution CHECK (resolution IN ({LINE}, {NOW}))",
    "ALTER TABLE line_proposals ADD COLUMN books varchar, ADD COLUMN books_region varchar",
    "ALTER TABLE line_proposals ADD CONSTRAINT booked_in_a_region CHECK ((books IS NULL) = (books_region IS NULL))",
    "ALTER TABLE line_proposals DROP CONSTRAINT known_resolution",
    f"ALTER TABLE line_proposals ADD CONSTRAINT known_resolution CHECK (resolution IN ({NOW}))",
    f"ALTER TABLE line_proposals ADD CONSTRAINT known_booking CHECK (books IN ({KINDS}))",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails where a line was booked in the ledger of a region."""
    op.execute("ALTER TABLE line_proposals DROP CONSTRAINT known_booking, DROP CONSTRAINT booked_in_a_region")
    op.execute("ALTER TABLE line_proposals DROP CONSTRAINT known_resolution, DROP COLUMN books, DROP COLUMN books_region")
    op.execute(f"ALTER TABLE line_proposals ADD CONSTRAINT known_resolution CHECK (resolution IN ({BEFORE}))")
    op.execute("ALTER TABLE bank_lines DROP CONSTRAINT known_resolution")
    op.execute(f"ALTER TABLE bank_lines ADD CONSTRAINT known_resolution CHECK (resolution IN ({LINE}, {BEFORE}))")
    op.execute(BALANCES.format(strange="a.call_id <> e.call_id"))
    op.execute("ALTER TABLE ledger_entries DROP CONSTRAINT entry_of_region_has_a_line, DROP CONSTRAINT entry_of_call_or_region")
    op.execute("ALTER TABLE ledger_entries DROP COLUMN line_id, DROP COLUMN region, ALTER call_id SET NOT NULL")
    op.execute("ALTER TABLE ledger_accounts DROP CONSTRAINT known_account, DROP CONSTRAINT account_of_call_or_region")
    op.execute(f"ALTER TABLE ledger_accounts ADD CONSTRAINT known_account CHECK (name IN ({CALL}))")
    op.execute("ALTER TABLE ledger_accounts DROP CONSTRAINT one_account_of_region, DROP COLUMN region, ALTER call_id SET NOT NULL")
