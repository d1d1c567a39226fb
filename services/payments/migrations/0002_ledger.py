"""What no column can say: a ledger entry adds up to zero when its transaction ends, and what was decided is never changed.

A correction is a further entry. Bytes that a bank has are the bytes that were sealed.
"""

from alembic import op

revision = "payments_0002"
down_revision = "payments_0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("ledger_accounts", "ledger_entries", "ledger_postings", "payee_accounts", "approvals", "batch_transfers")

STATEMENTS = (
    """
    CREATE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        entry uuid := CASE TG_TABLE_NAME WHEN 'ledger_entries' THEN to_jsonb(NEW)->>'id' ELSE to_jsonb(NEW)->>'entry_id' END;
        postings integer;
        balance numeric;
        strangers integer;
    BEGIN
        SELECT count(*), coalesce(sum(p.amount_minor), 0), count(*) FILTER (WHERE a.call_id <> e.call_id)
            INTO postings, balance, strangers
            FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id JOIN ledger_entries e ON e.id = p.entry_id
            WHERE p.entry_id = entry;
        IF postings < 2 OR balance <> 0 OR strangers > 0 THEN
            RAISE EXCEPTION 'ledger entry % has % postings that add up to %, % of them of another call', entry, postings, balance, strangers
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON ledger_entries
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances()
    """,
    """
    CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON ledger_postings
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances()
    """,
    """
    CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
    """,
    *(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        for table in APPEND_ONLY
    ),
    """
    CREATE FUNCTION sealed_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.id, NEW.file_hash, NEW.file, NEW.total_minor) IS DISTINCT FROM (OLD.id, OLD.file_hash, OLD.file, OLD.total_minor) THEN
            RAISE EXCEPTION 'a sealed batch does not change' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER sealed_bytes BEFORE UPDATE ON batches FOR EACH ROW EXECUTE FUNCTION sealed_bytes()",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER append_only ON {table}")
    op.execute("DROP TRIGGER ledger_entry_balances ON ledger_postings")
    op.execute("DROP TRIGGER ledger_entry_balances ON ledger_entries")
    op.execute("DROP TRIGGER sealed_bytes ON batches")
    op.execute("DROP FUNCTION ledger_entry_balances, append_only, sealed_bytes")
