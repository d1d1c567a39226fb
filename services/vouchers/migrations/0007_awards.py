"""The register of awards, the replies of payments on the voucher's row, and steps by run of a workflow.

The register is filled with the awards of the vouchers that exist, the replies from the instants that followed them.
"""

from alembic import op

revision = "vouchers_0007"
down_revision = "vouchers_0006"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE awards (
        id uuid PRIMARY KEY,
        application_id uuid NOT NULL,
        call_id uuid NOT NULL,
        region varchar NOT NULL,
        organisation_id uuid NOT NULL,
        scheme varchar NOT NULL,
        policy_id varchar NOT NULL,
        amount_minor bigint NOT NULL,
        currency varchar NOT NULL,
        granted_at timestamptz NOT NULL,
        CONSTRAINT awards_something CHECK (amount_minor > 0)
    )
    """,
    "CREATE INDEX ix_awards_application_id ON awards (application_id)",
    """
    INSERT INTO awards
    SELECT award_id, application_id, call_id, region, organisation_id, scheme, policy_id, amount_minor, currency, created_at FROM vouchers
    """,
    """
    ALTER TABLE vouchers
        ADD COLUMN reserved_at timestamptz, ADD COLUMN refused_at timestamptz,
        ADD COLUMN committed_at timestamptz, ADD COLUMN released_at timestamptz
    """,
    """
    UPDATE vouchers SET
        reserved_at = offered_at,
        committed_at = issued_at,
        refused_at = CASE WHEN outcome = 'not-funded' THEN closed_at END,
        released_at = CASE WHEN issued_at IS NULL AND outcome <> 'not-funded' THEN closed_at END
    """,
    """
    ALTER TABLE vouchers
        ADD CONSTRAINT vouchers_award_id_fkey FOREIGN KEY (award_id) REFERENCES awards,
        ADD CONSTRAINT offered_once_reserved CHECK (offered_at IS NULL OR reserved_at IS NOT NULL),
        ADD CONSTRAINT issued_once_committed CHECK (issued_at IS NULL OR committed_at IS NOT NULL)
    """,
    "ALTER TABLE steps ADD COLUMN run_id varchar NOT NULL DEFAULT ''",
    "ALTER TABLE steps ALTER COLUMN run_id DROP DEFAULT",
    "ALTER TABLE steps DROP CONSTRAINT steps_pkey, ADD PRIMARY KEY (workflow_id, run_id, number)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DELETE FROM steps WHERE run_id <> ''")
    op.execute("ALTER TABLE steps DROP COLUMN run_id, ADD PRIMARY KEY (workflow_id, number)")
    op.execute("""
        ALTER TABLE vouchers DROP CONSTRAINT vouchers_award_id_fkey, DROP COLUMN reserved_at, DROP COLUMN refused_at,
            DROP COLUMN committed_at, DROP COLUMN released_at
    """)
    op.execute("DROP TABLE awards")
