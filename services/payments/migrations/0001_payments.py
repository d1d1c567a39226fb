"""Envelopes, vouchers' money, the ledger, claims, payees, disbursements, bank files. What each constraint stops is said in tables.py."""

from alembic import op

revision = "payments_0001"
down_revision = None
branch_labels = ("payments",)
depends_on = "messaging_0001"

STATEMENTS = (
    """
    CREATE TABLE bank_files (
        sha256 varchar NOT NULL,
        name varchar NOT NULL,
        message varchar NOT NULL,
        state varchar NOT NULL,
        reason varchar,
        taken_at timestamptz NOT NULL,
        lines integer NOT NULL,
        applied integer NOT NULL,
        unmatched integer NOT NULL,
        PRIMARY KEY (sha256),
        CONSTRAINT refused_with_reason CHECK ((state = 'refused') = (reason IS NOT NULL))
    )
    """,
    """
    CREATE TABLE batches (
        id uuid NOT NULL,
        region varchar NOT NULL,
        policy_id varchar NOT NULL,
        currency varchar NOT NULL,
        debtor_account varchar NOT NULL,
        state varchar NOT NULL,
        disbursements integer NOT NULL,
        total_minor bigint NOT NULL,
        file_hash varchar NOT NULL,
        file bytea NOT NULL,
        execution_on date NOT NULL,
        sealed_at timestamptz NOT NULL,
        sent_at timestamptz,
        answer_by timestamptz,
        PRIMARY KEY (id),
        CONSTRAINT known_state CHECK (state IN ('sealed', 'sent')),
        CONSTRAINT sent_with_times CHECK ((state = 'sent') = (sent_at IS NOT NULL AND answer_by IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_batches_region ON batches (region)",
    "CREATE INDEX ix_batches_state ON batches (state)",
    """
    CREATE TABLE envelopes (
        call_id uuid NOT NULL,
        region varchar NOT NULL,
        scheme varchar NOT NULL,
        slug varchar NOT NULL,
        policy_id varchar NOT NULL,
        currency varchar NOT NULL,
        amount_minor bigint NOT NULL,
        reserved_minor bigint NOT NULL,
        committed_minor bigint NOT NULL,
        paid_minor bigint NOT NULL,
        recovered_minor bigint NOT NULL,
        PRIMARY KEY (call_id),
        CONSTRAINT never_overspent CHECK (reserved_minor + committed_minor + paid_minor - recovered_minor <= amount_minor),
        CONSTRAINT totals_not_negative CHECK (reserved_minor >= 0 AND committed_minor >= 0 AND paid_minor >= 0),
        CONSTRAINT recovered_was_paid CHECK (recovered_minor BETWEEN 0 AND paid_minor)
    )
    """,
    "CREATE INDEX ix_envelopes_region ON envelopes (region)",
    """
    CREATE TABLE payees (
        id uuid NOT NULL,
        kind varchar NOT NULL,
        region varchar NOT NULL,
        organisation_id uuid,
        name varchar NOT NULL,
        account_number varchar NOT NULL,
        address jsonb,
        account_version integer NOT NULL,
        account_set_by varchar NOT NULL,
        account_set_at timestamptz NOT NULL,
        rests_until timestamptz,
        PRIMARY KEY (id),
        CONSTRAINT known_kind CHECK (kind IN ('beneficiary', 'provider')),
        CONSTRAINT beneficiary_is_an_organisation CHECK (kind = 'provider' OR organisation_id IS NOT NULL)
    )
    """,
    "CREATE INDEX ix_payees_organisation_id ON payees (organisation_id)",
    "CREATE INDEX ix_payees_region ON payees (region)",
    """
    CREATE TABLE ledger_accounts (
        id uuid NOT NULL,
        call_id uuid NOT NULL,
        name varchar NOT NULL,
        currency varchar NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT one_account_per_name UNIQUE (call_id, name),
        CONSTRAINT known_account CHECK (name IN ('funding', 'available', 'reserved', 'committed', 'paid', 'recovered')),
        FOREIGN KEY(call_id) REFERENCES envelopes (call_id)
    )
    """,
    """
    CREATE TABLE payee_accounts (
        payee_id uuid NOT NULL,
        version integer NOT NULL,
        name varchar NOT NULL,
        account_number varchar NOT NULL,
        set_by varchar NOT NULL,
        set_at timestamptz NOT NULL,
        PRIMARY KEY (payee_id, version),
        FOREIGN KEY(payee_id) REFERENCES payees (id)
    )
    """,
    """
    CREATE TABLE vouchers (
        id uuid NOT NULL,
        application_id uuid NOT NULL,
        call_id uuid NOT NULL,
        region varchar NOT NULL,
        organisation_id uuid NOT NULL,
        policy_id varchar NOT NULL,
        currency varchar NOT NULL,
        state varchar NOT NULL,
        amount_minor bigint NOT NULL,
        reserved_minor bigint NOT NULL,
        committed_minor bigint NOT NULL,
        paid_minor bigint NOT NULL,
        recovered_minor bigint NOT NULL,
        released_minor bigint NOT NULL,
        claimed_minor bigint NOT NULL,
        code varchar,
        payment_mode varchar,
        claims_until timestamptz,
        suspended boolean NOT NULL,
        ending varchar,
        PRIMARY KEY (id),
        CONSTRAINT known_state CHECK (state IN ('refused', 'reserved', 'committed', 'released', 'issued', 'settled')),
        CONSTRAINT known_ending CHECK (ending IN ('claim-window-ended', 'withdrawn', 'revoked')),
        CONSTRAINT within_value CHECK (reserved_minor + committed_minor + paid_minor + released_minor <= amount_minor),
        CONSTRAINT not_negative CHECK (reserved_minor >= 0 AND committed_minor >= 0 AND paid_minor >= 0 AND released_minor >= 0),
        CONSTRAINT recovered_was_paid CHECK (recovered_minor BETWEEN 0 AND paid_minor),
        CONSTRAINT claims_within_value CHECK (claimed_minor BETWEEN 0 AND amount_minor),
        CONSTRAINT issued_with_dates CHECK (state NOT IN ('issued', 'settled') OR claims_until IS NOT NULL),
        FOREIGN KEY(call_id) REFERENCES envelopes (call_id)
    )
    """,
    "CREATE INDEX ix_vouchers_application_id ON vouchers (application_id)",
    "CREATE INDEX ix_vouchers_call_id ON vouchers (call_id)",
    "CREATE INDEX ix_vouchers_region ON vouchers (region)",
    """
    CREATE TABLE claims (
        id uuid NOT NULL,
        voucher_id uuid NOT NULL,
        organisation_id uuid NOT NULL,
        region varchar NOT NULL,
        call_id uuid NOT NULL,
        payee_id uuid NOT NULL,
        state varchar NOT NULL,
        eligible_minor bigint NOT NULL,
        requested_minor bigint NOT NULL,
        granted_minor bigint,
        lodged_at timestamptz NOT NULL,
        check_by timestamptz NOT NULL,
        overdue boolean NOT NULL,
        decided_at timestamptz,
        decided_by varchar,
        pay_by timestamptz,
        rules jsonb NOT NULL,
        note varchar,
        PRIMARY KEY (id),
        CONSTRAINT known_state CHECK (state IN ('lodged', 'accepted', 'rejected')),
        CONSTRAINT requested_is_eligible CHECK (requested_minor BETWEEN 1 AND eligible_minor),
        CONSTRAINT granted_was_requested CHECK (granted_minor BETWEEN 1 AND requested_minor),
        CONSTRAINT accepted_says_how_much CHECK (state <> 'accepted' OR (granted_minor IS NOT NULL AND pay_by IS NOT NULL)),
        FOREIGN KEY(voucher_id) REFERENCES vouchers (id),
        FOREIGN KEY(payee_id) REFERENCES payees (id)
    )
    """,
    "CREATE INDEX ix_claims_call_id ON claims (call_id)",
    "CREATE INDEX ix_claims_organisation_id ON claims (organisation_id)",
    "CREATE INDEX ix_claims_payee_id ON claims (payee_id)",
    "CREATE INDEX ix_claims_region ON claims (region)",
    "CREATE INDEX ix_claims_voucher_id ON claims (voucher_id)",
    """
    CREATE TABLE ledger_entries (
        id uuid NOT NULL,
        position bigint GENERATED ALWAYS AS IDENTITY,
        call_id uuid NOT NULL,
        voucher_id uuid,
        kind varchar NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (position),
        FOREIGN KEY(call_id) REFERENCES envelopes (call_id),
        FOREIGN KEY(voucher_id) REFERENCES vouchers (id)
    )
    """,
    "CREATE INDEX ix_ledger_entries_call ON ledger_entries (call_id, position)",
    "CREATE INDEX ix_ledger_entries_voucher_id ON ledger_entries (voucher_id)",
    """
    CREATE TABLE claim_evidence (
        claim_id uuid NOT NULL,
        number integer NOT NULL,
        kind varchar NOT NULL,
        reference varchar NOT NULL,
        sha256 varchar NOT NULL,
        issued_on date NOT NULL,
        amount_minor bigint NOT NULL,
        live boolean NOT NULL,
        PRIMARY KEY (claim_id, number),
        FOREIGN KEY(claim_id) REFERENCES claims (id)
    )
    """,
    "CREATE UNIQUE INDEX one_claim_per_document ON claim_evidence (sha256) WHERE live",
    """
    CREATE TABLE disbursements (
        id uuid NOT NULL,
        claim_id uuid NOT NULL,
        voucher_id uuid NOT NULL,
        region varchar NOT NULL,
        call_id uuid NOT NULL,
        currency varchar NOT NULL,
        amount_minor bigint NOT NULL,
        state varchar NOT NULL,
        attempt integer NOT NULL,
        prepared_at timestamptz NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT pays_something CHECK (amount_minor > 0),
        UNIQUE (claim_id),
        FOREIGN KEY(claim_id) REFERENCES claims (id),
        FOREIGN KEY(voucher_id) REFERENCES vouchers (id)
    )
    """,
    "CREATE INDEX ix_disbursements_call_id ON disbursements (call_id)",
    "CREATE INDEX ix_disbursements_region ON disbursements (region)",
    "CREATE INDEX ix_disbursements_state ON disbursements (state)",
    "CREATE INDEX ix_disbursements_voucher_id ON disbursements (voucher_id)",
    """
    CREATE TABLE ledger_postings (
        entry_id uuid NOT NULL,
        account_id uuid NOT NULL,
        amount_minor bigint NOT NULL,
        PRIMARY KEY (entry_id, account_id),
        CONSTRAINT moves_something CHECK (amount_minor <> 0),
        FOREIGN KEY(entry_id) REFERENCES ledger_entries (id),
        FOREIGN KEY(account_id) REFERENCES ledger_accounts (id)
    )
    """,
    "CREATE INDEX ix_ledger_postings_account_id ON ledger_postings (account_id)",
    """
    CREATE TABLE attempts (
        id uuid NOT NULL,
        disbursement_id uuid NOT NULL,
        number integer NOT NULL,
        state varchar NOT NULL,
        payee_id uuid NOT NULL,
        account_version integer NOT NULL,
        prepared_by varchar NOT NULL,
        approvals integer NOT NULL,
        approvals_needed integer NOT NULL,
        batch_id uuid,
        bank_reason varchar,
        bank_reference varchar,
        paid_on date,
        returned_on date,
        enquired_at timestamptz,
        enquired_by varchar,
        PRIMARY KEY (id),
        CONSTRAINT numbered_once UNIQUE (disbursement_id, number),
        CONSTRAINT approvals_counted CHECK (approvals BETWEEN 0 AND approvals_needed),
        CONSTRAINT sent_in_a_batch CHECK ((state IN ('prepared', 'approved', 'cancelled')) OR batch_id IS NOT NULL),
        FOREIGN KEY(disbursement_id) REFERENCES disbursements (id),
        FOREIGN KEY(payee_id) REFERENCES payees (id),
        FOREIGN KEY(batch_id) REFERENCES batches (id)
    )
    """,
    "CREATE INDEX ix_attempts_batch_id ON attempts (batch_id)",
    "CREATE INDEX ix_attempts_disbursement_id ON attempts (disbursement_id)",
    "CREATE INDEX ix_attempts_payee_id ON attempts (payee_id)",
    "CREATE INDEX ix_attempts_state ON attempts (state)",
    """
    CREATE UNIQUE INDEX one_attempt_in_force ON attempts (disbursement_id)
        WHERE state IN ('prepared', 'approved', 'sealed', 'sent', 'accepted', 'unknown', 'paid')
    """,
    """
    CREATE TABLE approvals (
        attempt_id uuid NOT NULL,
        account_version integer NOT NULL,
        approver varchar NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (attempt_id, account_version, approver),
        FOREIGN KEY(attempt_id) REFERENCES attempts (id)
    )
    """,
    """
    CREATE TABLE bank_lines (
        id uuid NOT NULL,
        file_sha256 varchar NOT NULL,
        line integer NOT NULL,
        outcome varchar NOT NULL,
        reason varchar NOT NULL,
        happening varchar NOT NULL,
        region varchar,
        attempt_id uuid,
        amount_minor bigint,
        currency varchar,
        "on" date,
        bank_reason varchar,
        bank_reference varchar,
        end_to_end_id varchar,
        instr_id varchar,
        pmt_inf_id varchar,
        PRIMARY KEY (id),
        CONSTRAINT known_outcome CHECK (outcome IN ('applied', 'repeated', 'ignored', 'unmatched')),
        FOREIGN KEY(file_sha256) REFERENCES bank_files (sha256),
        FOREIGN KEY(attempt_id) REFERENCES attempts (id)
    )
    """,
    "CREATE INDEX ix_bank_lines_file_sha256 ON bank_lines (file_sha256)",
    "CREATE INDEX ix_bank_lines_unmatched ON bank_lines (region) WHERE outcome = 'unmatched'",
    "CREATE INDEX ix_bank_lines_waiting ON bank_lines (attempt_id) WHERE outcome = 'unmatched' AND attempt_id IS NOT NULL",
    """
    CREATE TABLE batch_transfers (
        attempt_id uuid NOT NULL,
        batch_id uuid NOT NULL,
        disbursement_id uuid NOT NULL,
        PRIMARY KEY (attempt_id),
        CONSTRAINT disbursement_once_a_file UNIQUE (batch_id, disbursement_id),
        FOREIGN KEY(attempt_id) REFERENCES attempts (id),
        FOREIGN KEY(batch_id) REFERENCES batches (id),
        FOREIGN KEY(disbursement_id) REFERENCES disbursements (id)
    )
    """,
    """
    CREATE TABLE recoveries (
        id uuid NOT NULL,
        voucher_id uuid NOT NULL,
        attempt_id uuid,
        region varchar NOT NULL,
        currency varchar NOT NULL,
        amount_minor bigint NOT NULL,
        reason varchar NOT NULL,
        state varchar NOT NULL,
        ordered_by varchar NOT NULL,
        ordered_at timestamptz NOT NULL,
        closed_at timestamptz,
        closing_reason varchar,
        PRIMARY KEY (id),
        CONSTRAINT known_state CHECK (state IN ('ordered', 'settled', 'written-off')),
        CONSTRAINT asks_for_something CHECK (amount_minor > 0),
        FOREIGN KEY(voucher_id) REFERENCES vouchers (id),
        FOREIGN KEY(attempt_id) REFERENCES attempts (id)
    )
    """,
    "CREATE INDEX ix_recoveries_attempt_id ON recoveries (attempt_id)",
    "CREATE INDEX ix_recoveries_region ON recoveries (region)",
    "CREATE INDEX ix_recoveries_voucher_id ON recoveries (voucher_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE recoveries, bank_lines, bank_files, batch_transfers, approvals, attempts, batches, disbursements, claim_evidence,"
        " claims, payee_accounts, payees, ledger_postings, ledger_entries, ledger_accounts, vouchers, envelopes"
    )
