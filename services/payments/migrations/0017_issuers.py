"""Invoices are also looked for by their issuer. Keyed hashes from before stay: the numbers that they are of are not stored in clear."""

from alembic import op

revision = "payments_0017"
down_revision = "payments_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_claim_evidence_issuer ON claim_evidence (issuer_hash) WHERE live")


def downgrade() -> None:
    op.execute("DROP INDEX ix_claim_evidence_issuer")
