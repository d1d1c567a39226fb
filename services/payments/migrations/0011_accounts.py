"""Accounts are proposed and confirmed; an approval names the hash of what it approved; an attempt keeps what its approvals count.

Accounts from before have no `in_force_at`: their first version had no cooling-off. Attempts from before have no `prepared_at`: their
approvals counted no other payments. Approvals are append-only and their account and
amount never changed, so the hash of what they approved is computed here.
"""

from alembic import op

revision = "payments_0011"
down_revision = "payments_0010"
branch_labels = None
depends_on = ("messaging_0005",)  # the table of acts

_KEY = "CASE WHEN number LIKE 'DK%' THEN substr(number, 5) ELSE number END"

STATEMENTS = (
    "ALTER TABLE payees ADD COLUMN account_key varchar",
    f"""
    UPDATE payees SET account_key = (SELECT {_KEY} FROM (SELECT upper(regexp_replace(account_number, '\\s', '', 'g'))) AS it (number))
    """,
    "ALTER TABLE payees ALTER COLUMN name DROP NOT NULL",
    "ALTER TABLE payees ALTER COLUMN account_number DROP NOT NULL",
    """
    ALTER TABLE payees ADD CONSTRAINT account_in_force
        CHECK (num_nulls(name, account_number, account_key) = CASE WHEN account_version = 0 THEN 3 ELSE 0 END)
    """,
    "CREATE INDEX ix_payees_account_key ON payees (account_key)",
    """
    INSERT INTO acts (event_id, subject_id, duty, actor, at)
    SELECT gen_random_uuid(), payee_id, 'set-account', set_by, set_at FROM payee_accounts
    """,
    "ALTER TABLE payee_accounts ADD COLUMN confirmed_by varchar",
    "ALTER TABLE payee_accounts ADD COLUMN in_force_at timestamptz",
    """
    CREATE TABLE account_proposals (
        id uuid NOT NULL,
        payee_id uuid NOT NULL,
        region varchar NOT NULL,
        name varchar NOT NULL,
        account_number varchar NOT NULL,
        account_key varchar NOT NULL,
        reason varchar NOT NULL,
        state varchar NOT NULL,
        proposed_by varchar NOT NULL,
        proposed_at timestamptz NOT NULL,
        decided_by varchar,
        decided_at timestamptz,
        PRIMARY KEY (id),
        CONSTRAINT known_state CHECK (state IN ('proposed', 'confirmed', 'rejected')),
        CONSTRAINT decided_by_somebody
            CHECK (num_nulls(decided_by, decided_at) = CASE WHEN state = 'proposed' THEN 2 ELSE 0 END),
        CONSTRAINT confirmed_by_another CHECK (state <> 'confirmed' OR decided_by <> proposed_by),
        FOREIGN KEY(payee_id) REFERENCES payees (id)
    )
    """,
    "CREATE UNIQUE INDEX one_open_proposal ON account_proposals (payee_id) WHERE state = 'proposed'",
    "CREATE INDEX ix_account_proposals_account_key ON account_proposals (account_key)",
    "CREATE INDEX ix_account_proposals_list ON account_proposals (region, proposed_at, id)",
    "ALTER TABLE approvals ADD COLUMN payment_hash varchar",
    "ALTER TABLE approvals DISABLE TRIGGER append_only",
    """
    UPDATE approvals SET payment_hash = encode(sha256(convert_to(concat_ws(E'\\x1f', attempts.payee_id, disbursements.amount_minor,
        disbursements.currency, payee_accounts.account_number, payee_accounts.name), 'UTF8')), 'hex')
    FROM attempts, disbursements, payee_accounts
    WHERE attempts.id = approvals.attempt_id AND disbursements.id = attempts.disbursement_id
        AND (payee_accounts.payee_id, payee_accounts.version) = (attempts.payee_id, approvals.account_version)
    """,
    "ALTER TABLE approvals ENABLE TRIGGER append_only",
    "ALTER TABLE approvals ALTER COLUMN payment_hash SET NOT NULL",
    "ALTER TABLE attempts ADD COLUMN prepared_at timestamptz",
    "ALTER TABLE attempts ADD COLUMN counted_minor bigint",
    "ALTER TABLE attempts ADD COLUMN cooling_off_until timestamptz",
    """
    UPDATE attempts SET counted_minor = disbursements.amount_minor
    FROM disbursements WHERE disbursements.id = attempts.disbursement_id
    """,
    "ALTER TABLE attempts ALTER COLUMN counted_minor SET NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE attempts DROP COLUMN prepared_at, DROP COLUMN counted_minor, DROP COLUMN cooling_off_until")
    op.execute("ALTER TABLE approvals DROP COLUMN payment_hash")
    op.execute("DROP TABLE account_proposals")
    op.execute("ALTER TABLE payee_accounts DROP COLUMN confirmed_by, DROP COLUMN in_force_at")
    op.execute("ALTER TABLE payees DROP COLUMN account_key")
