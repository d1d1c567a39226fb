"""What identifies a payee, the numbers of invoices and the bytes of payment files are encrypted. The first byte 0 marks what was in clear;
the worker encrypts it as it starts, and then replaces the account and the number by which rows are found by their keyed hashes.

Triggers let what is in clear be encrypted, and nothing else be changed.
"""

from alembic import op

revision = "payments_0015"
down_revision = "payments_0014"
branch_labels = None
depends_on = None

_IN_CLEAR = "'\\x00'::bytea || convert_to(({})::text, 'UTF8')"
COLUMNS = {
    "payees": {"name": "to_jsonb(name)", "account_number": "to_jsonb(account_number)", "address": "nullif(address, 'null')"},
    "payee_accounts": {"name": "to_jsonb(name)", "account_number": "to_jsonb(account_number)"},
    "account_proposals": {"name": "to_jsonb(name)", "account_number": "to_jsonb(account_number)"},
    "claim_evidence": {"reference": "to_jsonb(reference)"},
}

BEFORE = (
    "ALTER TABLE payees DROP CONSTRAINT account_in_use_is_recorded",
    "ALTER TABLE payee_accounts DROP CONSTRAINT whole_account",
    "DROP TRIGGER append_only ON payee_accounts",
    "DROP TRIGGER stated_reference ON claim_evidence",
    "DROP TRIGGER sealed_bytes ON batches",
    "ALTER TABLE payees ADD COLUMN subject_id uuid",
    "UPDATE payees SET subject_id = coalesce(organisation_id, id)",
    "ALTER TABLE payees ALTER subject_id SET NOT NULL",
    "CREATE INDEX ix_payees_subject_id ON payees (subject_id)",
    "ALTER TABLE payee_accounts ADD COLUMN subject_id uuid, ADD COLUMN region varchar, ADD COLUMN account_key varchar",
    """
    UPDATE payee_accounts SET subject_id = payees.subject_id, region = payees.region,
        account_key = CASE WHEN number LIKE 'DK%' THEN substr(number, 5) ELSE number END
    FROM payees, (SELECT payee_id, version, upper(regexp_replace(account_number, '\\s', '', 'g')) FROM payee_accounts)
        AS compact (payee_id, version, number)
    WHERE payees.id = payee_accounts.payee_id
        AND (compact.payee_id, compact.version) = (payee_accounts.payee_id, payee_accounts.version)
    """,
    "ALTER TABLE payee_accounts ALTER subject_id SET NOT NULL, ALTER region SET NOT NULL, ALTER account_key SET NOT NULL",
    "CREATE INDEX ix_payee_accounts_subject_id ON payee_accounts (subject_id)",
    "ALTER TABLE account_proposals ADD COLUMN subject_id uuid",
    "UPDATE account_proposals SET subject_id = payees.subject_id FROM payees WHERE payees.id = account_proposals.payee_id",
    "ALTER TABLE account_proposals ALTER subject_id SET NOT NULL",
    "CREATE INDEX ix_account_proposals_subject_id ON account_proposals (subject_id)",
    "ALTER TABLE claim_evidence ADD COLUMN organisation_id uuid, ADD COLUMN region varchar",
    """
    UPDATE claim_evidence SET organisation_id = claims.organisation_id, region = claims.region
    FROM claims WHERE claims.id = claim_evidence.claim_id
    """,
    "ALTER TABLE claim_evidence ALTER organisation_id SET NOT NULL, ALTER region SET NOT NULL",
    "CREATE INDEX ix_claim_evidence_organisation_id ON claim_evidence (organisation_id)",
)
AFTER = (
    "ALTER TABLE batches ALTER file TYPE bytea USING '\\x00'::bytea || file",
    "ALTER TABLE payee_accounts ADD CONSTRAINT whole_account UNIQUE (payee_id, version, account_key, set_by, set_at)",
    """
    ALTER TABLE payees ADD CONSTRAINT account_in_use_is_recorded
        FOREIGN KEY (id, account_version, account_key, account_set_by, account_set_at)
        REFERENCES payee_accounts (payee_id, version, account_key, set_by, set_at) DEFERRABLE INITIALLY DEFERRED
    """,
    "CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON payee_accounts FOR EACH STATEMENT EXECUTE FUNCTION append_only()",
    *(
        f"""
        CREATE TRIGGER unchanged BEFORE UPDATE ON {table} FOR EACH ROW
        WHEN (get_byte(OLD.name, 0) <> 0
            AND (NEW.name, NEW.account_number, NEW.account_key) IS DISTINCT FROM (OLD.name, OLD.account_number, OLD.account_key))
        EXECUTE FUNCTION append_only()
        """
        for table in ("payee_accounts", "account_proposals")
    ),
    """
    CREATE TRIGGER stated_reference BEFORE UPDATE ON claim_evidence FOR EACH ROW
    WHEN (coalesce(get_byte(OLD.reference, 0), 1) <> 0) EXECUTE FUNCTION stated_reference()
    """,
    """
    CREATE TRIGGER sealed_bytes BEFORE UPDATE ON batches FOR EACH ROW
    WHEN (coalesce(get_byte(OLD.file, 0), 1) <> 0) EXECUTE FUNCTION sealed_bytes()
    """,
)


def upgrade() -> None:
    for statement in BEFORE:
        op.execute(statement)
    for table, columns in COLUMNS.items():
        for column, content in columns.items():
            op.execute(f"ALTER TABLE {table} ALTER {column} TYPE bytea USING {_IN_CLEAR.format(content)}")
    for statement in AFTER:
        op.execute(statement)


def downgrade() -> None:
    """Fails where the worker has encrypted something: no migration has the keys."""
    op.execute("ALTER TABLE payees DROP CONSTRAINT account_in_use_is_recorded")
    op.execute("ALTER TABLE payee_accounts DROP CONSTRAINT whole_account")
    for table, trigger in {
        "payee_accounts": "unchanged", "account_proposals": "unchanged", "claim_evidence": "stated_reference", "batches": "sealed_bytes",
    }.items():  # fmt: skip
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    op.execute("DROP TRIGGER append_only ON payee_accounts")
    for table, columns in COLUMNS.items():
        for column in columns:
            content = f"convert_from(substr({column}, 2), 'UTF8')::jsonb"
            kind, plain = ("jsonb", content) if column == "address" else ("varchar", f"{content} #>> '{{}}'")
            op.execute(f"ALTER TABLE {table} ALTER {column} TYPE {kind} USING {plain}")
    for table in ("payees", "account_proposals"):
        op.execute(
            f"UPDATE {table} SET account_key = (SELECT CASE WHEN number LIKE 'DK%' THEN substr(number, 5) ELSE number END "
            "FROM (SELECT upper(regexp_replace(account_number, '\\s', '', 'g'))) AS compact (number))"
        )
    op.execute("UPDATE claim_evidence SET number_key = lower(regexp_replace(reference, '[^[:alnum:]]', '', 'g'))")
    op.execute("ALTER TABLE batches ALTER file TYPE bytea USING substr(file, 2)")
    op.execute("ALTER TABLE payees DROP COLUMN subject_id")
    op.execute("ALTER TABLE payee_accounts DROP COLUMN subject_id, DROP COLUMN region, DROP COLUMN account_key")
    op.execute("ALTER TABLE account_proposals DROP COLUMN subject_id")
    op.execute("ALTER TABLE claim_evidence DROP COLUMN organisation_id, DROP COLUMN region")
    op.execute("ALTER TABLE payee_accounts ADD CONSTRAINT whole_account UNIQUE (payee_id, version, name, account_number, set_by, set_at)")
    op.execute(
        "ALTER TABLE payees ADD CONSTRAINT account_in_use_is_recorded "
        "FOREIGN KEY (id, account_version, name, account_number, account_set_by, account_set_at) "
        "REFERENCES payee_accounts (payee_id, version, name, account_number, set_by, set_at) DEFERRABLE INITIALLY DEFERRED"
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payee_accounts FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )
    op.execute("CREATE TRIGGER stated_reference BEFORE UPDATE ON claim_evidence FOR EACH ROW EXECUTE FUNCTION stated_reference()")
    op.execute("CREATE TRIGGER sealed_bytes BEFORE UPDATE ON batches FOR EACH ROW EXECUTE FUNCTION sealed_bytes()")
