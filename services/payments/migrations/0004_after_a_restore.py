"""After a restore: payments are held, and orders found in files that the restored database never heard of."""

from alembic import op

revision = "payments_0004"
down_revision = "payments_0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE batches ADD COLUMN found_at timestamptz",
    """
    CREATE TABLE holds (
        since timestamptz NOT NULL,
        reason varchar NOT NULL,
        lifted_at timestamptz,
        lifted_by varchar,
        assurance varchar,
        PRIMARY KEY (since),
        CONSTRAINT lifted_by_somebody CHECK (num_nulls(lifted_at, lifted_by, assurance) IN (0, 3))
    )
    """,
    """
    CREATE TABLE found_orders (
        attempt_id uuid NOT NULL,
        disbursement_id uuid NOT NULL,
        batch_id uuid NOT NULL,
        voucher_code varchar NOT NULL,
        amount_minor bigint NOT NULL,
        currency varchar NOT NULL,
        placed_at timestamptz,
        PRIMARY KEY (attempt_id),
        FOREIGN KEY(batch_id) REFERENCES batches (id),
        CONSTRAINT pays_something CHECK (amount_minor > 0)
    )
    """,
    "CREATE INDEX ix_found_orders_batch_id ON found_orders (batch_id)",
    "CREATE INDEX ix_found_orders_unplaced ON found_orders (voucher_code) WHERE placed_at IS NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE found_orders, holds")
    op.execute("ALTER TABLE batches DROP COLUMN found_at")
