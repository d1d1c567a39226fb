"""A contradiction of the bank freezes a payment: what an unmatched line names, how a person resolved it, and the days of statements."""

from alembic import op

revision = "payments_0010"
down_revision = "payments_0009"
branch_labels = None
depends_on = ("messaging_0005",)  # the table of acts

STATEMENTS = (
    "ALTER TABLE bank_lines ADD COLUMN voucher_id uuid REFERENCES vouchers (id)",
    "ALTER TABLE bank_lines ADD COLUMN disbursement_id uuid REFERENCES disbursements (id)",
    "ALTER TABLE bank_lines ADD COLUMN resolution varchar",
    "ALTER TABLE bank_lines ADD COLUMN resolved_at timestamptz",
    "ALTER TABLE bank_lines ADD COLUMN resolved_by varchar",
    "ALTER TABLE bank_lines ADD CONSTRAINT known_resolution CHECK (resolution IN ('confirmed', 'bank-error', 'no-effect'))",
    "ALTER TABLE bank_lines ADD CONSTRAINT resolved_by_somebody CHECK (num_nulls(resolution, resolved_at, resolved_by) IN (0, 3))",
    """
    UPDATE bank_lines AS l SET disbursement_id = d.id, voucher_id = d.voucher_id FROM disbursements AS d
    WHERE l.outcome = 'unmatched' AND (l.end_to_end_id = replace(d.id::text, '-', '')
        OR d.id = (SELECT a.disbursement_id FROM attempts AS a WHERE l.instr_id = replace(a.id::text, '-', '')))
    """,
    "CREATE INDEX ix_bank_lines_open ON bank_lines (voucher_id) WHERE outcome = 'unmatched' AND resolved_at IS NULL",
    """
    CREATE TABLE statements (
        id uuid NOT NULL,
        file_sha256 varchar NOT NULL,
        account varchar NOT NULL,
        first_day date NOT NULL,
        last_day date NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY(file_sha256) REFERENCES bank_files (sha256)
    )
    """,
    "CREATE INDEX ix_statements_account ON statements (account, last_day)",
    "ALTER TABLE attempts ADD COLUMN rejection_confirmed_at timestamptz",
    "ALTER TABLE attempts ADD COLUMN rejection_confirmed_by varchar",
    """
    ALTER TABLE attempts ADD CONSTRAINT confirmed_by_somebody
        CHECK ((rejection_confirmed_at IS NULL) = (rejection_confirmed_by IS NULL))
    """,
    "ALTER TABLE batches DROP CONSTRAINT known_state",
    "ALTER TABLE batches ADD CONSTRAINT known_state CHECK (state IN ('sealed', 'released', 'sent'))",
    "ALTER TABLE batches ADD COLUMN sealed_by varchar",
    "ALTER TABLE batches ADD COLUMN released_at timestamptz",
    "ALTER TABLE batches ADD COLUMN released_by varchar",
    # Who sealed a file before there were releases neither releases it nor takes another step of the same payments.
    """
    UPDATE batches SET sealed_by = o.actor FROM outbox AS o
    WHERE o.type LIKE 'payments.BatchSealed.%' AND CAST(o.body ->> 'batch_id' AS uuid) = batches.id
    """,
    """
    INSERT INTO acts (event_id, subject_id, call_id, duty, actor, at)
    SELECT gen_random_uuid(), v.application_id, v.call_id, 'seal', b.sealed_by, b.sealed_at
    FROM batches AS b JOIN batch_transfers AS t ON t.batch_id = b.id JOIN disbursements AS d ON d.id = t.disbursement_id
        JOIN vouchers AS v ON v.id = d.voucher_id
    WHERE b.sealed_by <> 'system'
    """,
    "ALTER TABLE batches ADD CONSTRAINT released_by_somebody CHECK ((released_at IS NULL) = (released_by IS NULL))",
    "ALTER TABLE batches ADD CONSTRAINT released_with_time CHECK (state <> 'released' OR released_at IS NOT NULL)",
    "ALTER TABLE recoveries ADD COLUMN reference varchar",
    # as domain/recoveries.py: letters are two digits (A = 10), modulo 97 of the body, 'RF' and '00'
    """
    UPDATE recoveries SET reference = 'RF' || lpad((98 - mod(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        regexp_replace(body, 'A', '10', 'g'), 'B', '11', 'g'), 'C', '12', 'g'), 'D', '13', 'g'), 'E', '14', 'g'), 'F', '15', 'g'
        )::numeric * 1000000 + 271500, 97))::text, 2, '0') || body
    FROM (SELECT id AS of_id, upper(left(encode(sha256(decode(replace(id::text, '-', ''), 'hex')), 'hex'), 16)) AS body
          FROM recoveries) AS b
    WHERE id = of_id
    """,
    "ALTER TABLE recoveries ALTER COLUMN reference SET NOT NULL",
    "ALTER TABLE recoveries ADD CONSTRAINT recoveries_reference_key UNIQUE (reference)",
    "ALTER TABLE recoveries ADD COLUMN bank_reference varchar UNIQUE",
    "ALTER TABLE recoveries ADD COLUMN credit_line_id uuid UNIQUE REFERENCES bank_lines (id)",
    "ALTER TABLE bank_lines ADD COLUMN recovery_id uuid REFERENCES recoveries (id)",
)
REVERSE = (
    "ALTER TABLE batches DROP COLUMN sealed_by, DROP COLUMN released_at, DROP COLUMN released_by",
    "UPDATE batches SET state = 'sealed' WHERE state = 'released'",
    "ALTER TABLE batches DROP CONSTRAINT known_state",
    "ALTER TABLE batches ADD CONSTRAINT known_state CHECK (state IN ('sealed', 'sent'))",
    "ALTER TABLE bank_lines DROP COLUMN recovery_id",
    "ALTER TABLE recoveries DROP COLUMN reference, DROP COLUMN bank_reference, DROP COLUMN credit_line_id",
    "ALTER TABLE attempts DROP COLUMN rejection_confirmed_at, DROP COLUMN rejection_confirmed_by",
    "DROP TABLE statements",
    "ALTER TABLE bank_lines DROP COLUMN voucher_id, DROP COLUMN disbursement_id",
    "ALTER TABLE bank_lines DROP COLUMN resolution, DROP COLUMN resolved_at, DROP COLUMN resolved_by",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for statement in REVERSE:
        op.execute(statement)
