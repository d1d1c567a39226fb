"""An invoice is found again by its number, date and amount; an envelope knows when its call opened."""

from alembic import op

revision = "payments_0012"
down_revision = "payments_0011"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE claim_evidence ADD COLUMN number_key varchar",
    "UPDATE claim_evidence SET number_key = lower(regexp_replace(reference, '[^[:alnum:]]', '', 'g'))",
    "ALTER TABLE claim_evidence ALTER COLUMN number_key SET NOT NULL",
    "ALTER TABLE claim_evidence ADD COLUMN issuer_hash varchar",
    "CREATE INDEX ix_claim_evidence_invoice ON claim_evidence (number_key, amount_minor) WHERE live",
    "ALTER TABLE envelopes ADD COLUMN opens_at timestamptz",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE envelopes DROP COLUMN opens_at")
    op.execute("ALTER TABLE claim_evidence DROP COLUMN number_key, DROP COLUMN issuer_hash")
