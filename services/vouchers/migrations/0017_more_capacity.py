"""More hours or places for a call that is published: proposed by an officer, confirmed by finance."""

from alembic import op

revision = "vouchers_0017"
down_revision = "vouchers_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE capacity_changes (
            id uuid PRIMARY KEY,
            call_id uuid NOT NULL REFERENCES capacities (call_id),
            region varchar NOT NULL,
            unit varchar NOT NULL,
            vouchers integer NOT NULL,
            units bigint NOT NULL,
            reason varchar NOT NULL,
            proposed_by varchar NOT NULL,
            proposed_at timestamptz NOT NULL,
            decided_by varchar,
            decided_at timestamptz,
            confirmed boolean,
            CONSTRAINT more_capacity CHECK (vouchers > 0 AND units > 0),
            CONSTRAINT capacity_change_decided_in_full CHECK (num_nulls(decided_by, decided_at, confirmed) IN (0, 3)),
            CONSTRAINT capacity_change_confirmed_by_another CHECK (NOT confirmed OR decided_by <> proposed_by)
        )
    """)
    op.execute("CREATE UNIQUE INDEX one_open_capacity_change ON capacity_changes (call_id) WHERE decided_at IS NULL")
    op.execute("CREATE INDEX ix_capacity_changes_list ON capacity_changes (proposed_at, id)")


def downgrade() -> None:
    op.execute("DROP TABLE capacity_changes")
