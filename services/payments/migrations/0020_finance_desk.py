"""Acts of finance that two persons take together: an unmatched line, the proof of an unknown outcome, more money for an envelope.
Expenditure that was reported to the controller keeps its rate."""

from alembic import op

revision = "payments_0020"
down_revision = "payments_0019"
branch_labels = None
depends_on = None

_TWO_PERSONS = """
    state varchar NOT NULL,
    proposed_by varchar NOT NULL,
    proposed_at timestamptz NOT NULL,
    decided_by varchar,
    decided_at timestamptz,
    PRIMARY KEY (id),
    CONSTRAINT known_state CHECK (state IN ('proposed', 'confirmed', 'rejected')),
    CONSTRAINT decided_by_somebody CHECK (num_nulls(decided_by, decided_at) = CASE WHEN state = 'proposed' THEN 2 ELSE 0 END),
    CONSTRAINT confirmed_by_another CHECK (state <> 'confirmed' OR decided_by <> proposed_by)
"""
_RESOLUTIONS = "'confirmed', 'bank-error', 'no-effect'"
_PROPOSED = "'matched', 'recovery', 'income', 'returned-to-sender', 'otherwise'"

STATEMENTS = (
    "ALTER TABLE envelopes ADD COLUMN opened_minor bigint",
    "UPDATE envelopes SET opened_minor = amount_minor",
    "ALTER TABLE envelopes ALTER COLUMN opened_minor SET NOT NULL",
    "ALTER TABLE bank_lines DROP CONSTRAINT known_resolution",
    f"ALTER TABLE bank_lines ADD CONSTRAINT known_resolution CHECK (resolution IN ({_RESOLUTIONS}, {_PROPOSED}))",
    f"""
    CREATE TABLE line_proposals (
        id uuid NOT NULL,
        line_id uuid NOT NULL REFERENCES bank_lines (id),
        resolution varchar NOT NULL,
        disbursement_id uuid REFERENCES disbursements (id),
        attempt_id uuid REFERENCES attempts (id),
        recovery_id uuid REFERENCES recoveries (id),
        reason varchar NOT NULL,
        {_TWO_PERSONS},
        CONSTRAINT known_resolution CHECK (resolution IN ({_PROPOSED})),
        CONSTRAINT matched_to_a_payment CHECK ((resolution = 'matched') = (disbursement_id IS NOT NULL)),
        CONSTRAINT matched_to_an_attempt CHECK ((disbursement_id IS NULL) = (attempt_id IS NULL)),
        CONSTRAINT matched_to_a_recovery CHECK ((resolution = 'recovery') = (recovery_id IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_line_proposals_line_id ON line_proposals (line_id)",
    "CREATE UNIQUE INDEX one_open_line_proposal ON line_proposals (line_id) WHERE state = 'proposed'",
    f"""
    CREATE TABLE outcome_proofs (
        id uuid NOT NULL,
        disbursement_id uuid NOT NULL REFERENCES disbursements (id),
        attempt_id uuid NOT NULL REFERENCES attempts (id),
        organisation_id uuid NOT NULL,
        region varchar NOT NULL,
        outcome varchar NOT NULL,
        "on" date NOT NULL,
        bank_reference varchar,
        reason varchar NOT NULL,
        name bytea,
        document bytea,
        media_type varchar NOT NULL,
        size_bytes bigint NOT NULL,
        sha256 varchar NOT NULL,
        scan varchar NOT NULL,
        removed_at timestamptz,
        {_TWO_PERSONS},
        CONSTRAINT known_outcome CHECK (outcome IN ('paid', 'rejected')),
        CONSTRAINT not_infected CHECK (scan IN ('clean', 'unscanned')),
        CONSTRAINT removed_or_whole CHECK ((document IS NULL) = (removed_at IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_outcome_proofs_disbursement_id ON outcome_proofs (disbursement_id)",
    "CREATE UNIQUE INDEX one_open_outcome_proof ON outcome_proofs (disbursement_id) WHERE state = 'proposed'",
    f"""
    CREATE TABLE envelope_changes (
        id uuid NOT NULL,
        kind varchar NOT NULL,
        call_id uuid NOT NULL REFERENCES envelopes (call_id),
        from_call_id uuid REFERENCES envelopes (call_id),
        region varchar NOT NULL,
        currency varchar NOT NULL,
        amount_minor bigint NOT NULL,
        reason varchar NOT NULL,
        {_TWO_PERSONS},
        CONSTRAINT known_kind CHECK (kind IN ('top-up', 'transfer')),
        CONSTRAINT transfer_has_a_source CHECK ((kind = 'transfer') = (from_call_id IS NOT NULL)),
        CONSTRAINT between_two_envelopes CHECK (from_call_id <> call_id),
        CONSTRAINT moves_something CHECK (amount_minor > 0)
    )
    """,
    "CREATE INDEX ix_envelope_changes_call_id ON envelope_changes (call_id)",
    "CREATE INDEX ix_envelope_changes_from_call_id ON envelope_changes (from_call_id)",
    "CREATE INDEX ix_envelope_changes_list ON envelope_changes (region, proposed_at, id)",
    """
    CREATE TABLE rates (
        id varchar NOT NULL PRIMARY KEY,
        currency varchar NOT NULL,
        month date NOT NULL,
        day date NOT NULL,
        per_euro varchar NOT NULL,
        derived boolean NOT NULL
    )
    """,
    """
    CREATE TABLE expenditure_reports (
        id uuid NOT NULL PRIMARY KEY,
        region varchar NOT NULL,
        rate_id varchar NOT NULL REFERENCES rates (id),
        made_by varchar NOT NULL,
        made_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_expenditure_reports_region ON expenditure_reports (region)",
    """
    CREATE TABLE reported_payments (
        attempt_id uuid NOT NULL PRIMARY KEY REFERENCES attempts (id),
        report_id uuid NOT NULL REFERENCES expenditure_reports (id),
        voucher_id uuid NOT NULL REFERENCES vouchers (id),
        currency varchar NOT NULL,
        eligible_minor bigint NOT NULL,
        paid_minor bigint NOT NULL,
        eligible_eur_minor bigint NOT NULL,
        paid_eur_minor bigint NOT NULL,
        CONSTRAINT eligible_covers_paid CHECK (paid_minor > 0 AND eligible_minor >= paid_minor)
    )
    """,
    "CREATE INDEX ix_reported_payments_report_id ON reported_payments (report_id)",
    "CREATE INDEX ix_reported_payments_voucher_id ON reported_payments (voucher_id)",
    # The journal is read across envelopes, by time.
    "CREATE INDEX ix_ledger_entries_at ON ledger_entries (at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails where a line was resolved, or an envelope changed, in a way that was not there before."""
    for table in ("reported_payments", "expenditure_reports", "rates", "envelope_changes", "outcome_proofs", "line_proposals"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP INDEX ix_ledger_entries_at")
    op.execute("ALTER TABLE bank_lines DROP CONSTRAINT known_resolution")
    op.execute(f"ALTER TABLE bank_lines ADD CONSTRAINT known_resolution CHECK (resolution IN ({_RESOLUTIONS}))")
    op.execute("ALTER TABLE envelopes ADD CONSTRAINT unchanged CHECK (amount_minor = opened_minor)")
    op.execute("ALTER TABLE envelopes DROP CONSTRAINT unchanged")
    op.execute("ALTER TABLE envelopes DROP COLUMN opened_minor")
