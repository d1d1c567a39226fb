"""What waits at a desk, without reading what is done."""

from alembic import op

revision = "payments_0024"
down_revision = "payments_0023"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE claims ADD COLUMN prepared boolean NOT NULL DEFAULT false",
    "UPDATE claims SET prepared = true FROM disbursements WHERE claim_id = claims.id",
    "ALTER TABLE claims ALTER prepared DROP DEFAULT",
    "ALTER TABLE claims ADD CONSTRAINT prepared_is_accepted CHECK (NOT prepared OR state = 'accepted')",
    "CREATE INDEX ix_claims_to_prepare ON claims (region, decided_at) WHERE state = 'accepted' AND NOT prepared",
    "CREATE INDEX ix_claims_lodged ON claims (region, check_by, id) WHERE state = 'lodged'",
    "CREATE INDEX ix_disbursements_open ON disbursements (region, state) WHERE state <> 'paid'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for name in ("claims_lodged", "disbursements_open"):
        op.execute(f"DROP INDEX ix_{name}")
    op.execute("ALTER TABLE claims DROP COLUMN prepared")
