"""Claims: remainders of roundings, the dates that expenditure is compared with, one file once for each organisation, and what relates
providers and beneficiaries."""

from alembic import op

revision = "payments_0028"
down_revision = "payments_0027"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE claims ADD COLUMN remainder_minor bigint",
    "ALTER TABLE vouchers ADD COLUMN issued_at timestamptz",
    "DROP INDEX one_claim_per_document",
    "CREATE UNIQUE INDEX one_claim_per_document ON claim_evidence (organisation_id, sha256) WHERE live",
    "CREATE INDEX ix_claim_evidence_sha256 ON claim_evidence (sha256) WHERE live",
    """
    CREATE TABLE relations (
        subject_id uuid NOT NULL,
        kind varchar NOT NULL,
        hash varchar NOT NULL,
        since timestamptz NOT NULL,
        PRIMARY KEY (subject_id, kind, hash)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails where two organisations have claimed on one file."""
    op.execute("DROP TABLE relations")
    op.execute("DROP INDEX ix_claim_evidence_sha256")
    op.execute("DROP INDEX one_claim_per_document")
    op.execute("CREATE UNIQUE INDEX one_claim_per_document ON claim_evidence (sha256) WHERE live")
    op.execute("ALTER TABLE vouchers DROP COLUMN issued_at")
    op.execute("ALTER TABLE claims DROP COLUMN remainder_minor")
