"""Claims line by line: drafts, lines, documents. What each constraint stops is said in tables/."""

from alembic import op

revision = "payments_0019"
down_revision = "payments_0018"
branch_labels = None
depends_on = None

LINE = """
    seller bytea, seller_tax_number bytea, reference bytea, issued_on date NOT NULL, delivered_on date, paid_on date,
    net_minor bigint NOT NULL, vat_minor bigint NOT NULL, vat_recoverable boolean NOT NULL, currency varchar NOT NULL,
    claimed_minor bigint NOT NULL
"""
AMOUNTS = "CHECK (net_minor >= 0 AND vat_minor >= 0 AND claimed_minor > 0)"
STATES = "'lodged', 'returned', 'replaced', 'accepted', 'rejected'"
STATEMENTS = (
    "ALTER TABLE claims ADD COLUMN draft_id uuid, ADD COLUMN before_minor bigint, ADD COLUMN correct_by timestamptz",
    "ALTER TABLE claims ADD COLUMN replaces uuid REFERENCES claims (id)",
    "ALTER TABLE claims DROP CONSTRAINT known_state",
    f"ALTER TABLE claims ADD CONSTRAINT known_state CHECK (state IN ({STATES}))",
    "ALTER TABLE claims ADD CONSTRAINT returned_says_until_when CHECK (state <> 'returned' OR correct_by IS NOT NULL)",
    "CREATE UNIQUE INDEX one_claim_replaces ON claims (replaces)",
    "CREATE INDEX ix_claims_draft_id ON claims (draft_id)",
    "ALTER TABLE claim_evidence ADD COLUMN line integer, ADD COLUMN file_id uuid",
    "CREATE INDEX ix_claim_evidence_file_id ON claim_evidence (file_id)",
    """
    CREATE TABLE claim_drafts (
        id uuid PRIMARY KEY,
        voucher_id uuid NOT NULL REFERENCES vouchers (id),
        organisation_id uuid NOT NULL,
        region varchar NOT NULL,
        payee_id uuid REFERENCES payees (id),
        claim_id uuid UNIQUE REFERENCES claims (id),
        begun_at timestamptz NOT NULL,
        discarded_at timestamptz,
        CONSTRAINT lodged_is_kept CHECK (claim_id IS NULL OR discarded_at IS NULL)
    )
    """,
    "CREATE UNIQUE INDEX one_open_draft ON claim_drafts (voucher_id) WHERE claim_id IS NULL AND discarded_at IS NULL",
    "CREATE INDEX ix_claim_drafts_voucher ON claim_drafts (voucher_id)",
    "CREATE INDEX ix_claim_drafts_organisation_id ON claim_drafts (organisation_id)",
    f"""
    CREATE TABLE claim_draft_lines (
        id uuid PRIMARY KEY,
        draft_id uuid NOT NULL REFERENCES claim_drafts (id),
        organisation_id uuid NOT NULL,
        region varchar NOT NULL,
        number integer NOT NULL,
        {LINE},
        CONSTRAINT amounts_of_a_line {AMOUNTS}
    )
    """,
    "CREATE UNIQUE INDEX one_line_per_number ON claim_draft_lines (draft_id, number)",
    "CREATE INDEX ix_claim_draft_lines_organisation_id ON claim_draft_lines (organisation_id)",
    f"""
    CREATE TABLE claim_lines (
        claim_id uuid NOT NULL REFERENCES claims (id),
        number integer NOT NULL,
        organisation_id uuid NOT NULL,
        region varchar NOT NULL,
        {LINE},
        cut_minor bigint,
        cut_reason bytea,
        checked_by varchar,
        checked_at timestamptz,
        PRIMARY KEY (claim_id, number),
        CONSTRAINT amounts_of_a_claimed_line {AMOUNTS},
        CONSTRAINT cut_was_claimed CHECK (cut_minor BETWEEN 0 AND claimed_minor),
        CONSTRAINT check_has_a_person CHECK (num_nulls(cut_minor, checked_by, checked_at) IN (0, 3))
    )
    """,
    "CREATE INDEX ix_claim_lines_organisation_id ON claim_lines (organisation_id)",
    """
    CREATE TABLE claim_files (
        id uuid PRIMARY KEY,
        draft_id uuid NOT NULL REFERENCES claim_drafts (id),
        line_id uuid NOT NULL,
        organisation_id uuid NOT NULL,
        region varchar NOT NULL,
        kind varchar NOT NULL,
        name bytea,
        media_type varchar NOT NULL,
        size_bytes bigint NOT NULL CONSTRAINT ck_claim_files_size CHECK (size_bytes > 0),
        sha256 varchar NOT NULL,
        stored_sha256 varchar NOT NULL,
        scan varchar NOT NULL CONSTRAINT ck_claim_files_scan CHECK (scan IN ('clean', 'unscanned')),
        uploaded_by varchar NOT NULL,
        uploaded_at timestamptz NOT NULL,
        lodged boolean NOT NULL,
        removed_at timestamptz,
        deleted_at timestamptz,
        gone boolean NOT NULL,
        CONSTRAINT ck_claim_files_name CHECK ((name IS NULL) = (deleted_at IS NOT NULL)),
        CONSTRAINT ck_claim_files_gone CHECK (NOT gone OR deleted_at IS NOT NULL),
        CONSTRAINT ck_claim_files_removed CHECK (removed_at IS NULL OR lodged OR deleted_at IS NOT NULL)
    )
    """,
    "CREATE INDEX ix_claim_files_draft ON claim_files (draft_id)",
    "CREATE INDEX ix_claim_files_to_delete ON claim_files (id) WHERE deleted_at IS NOT NULL AND NOT gone",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails where a claim was returned."""
    for table in ("claim_files", "claim_lines", "claim_draft_lines", "claim_drafts"):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE claim_evidence DROP COLUMN line, DROP COLUMN file_id")
    op.execute("ALTER TABLE claims DROP CONSTRAINT known_state")
    op.execute("ALTER TABLE claims ADD CONSTRAINT known_state CHECK (state IN ('lodged', 'accepted', 'rejected'))")
    op.execute("ALTER TABLE claims DROP COLUMN draft_id, DROP COLUMN before_minor, DROP COLUMN replaces, DROP COLUMN correct_by")
