"""Calls that give no money, and what their vouchers count as de minimis aid."""

from alembic import op

revision = "payments_0036"
down_revision = "payments_0035"
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE TABLE calls_without_money (call_id uuid PRIMARY KEY, region varchar NOT NULL, policy_id varchar NOT NULL)",
    """
    CREATE TABLE aid_in_kind (
        voucher_id uuid PRIMARY KEY,
        application_id uuid NOT NULL,
        call_id uuid NOT NULL REFERENCES calls_without_money,
        region varchar NOT NULL,
        organisation_id uuid NOT NULL,
        policy_id varchar NOT NULL,
        member_state varchar NOT NULL,
        currency varchar NOT NULL,
        awarded_minor bigint NOT NULL,
        amount_minor bigint NOT NULL,
        eur_minor bigint NOT NULL,
        rate_id varchar NOT NULL,
        per_euro varchar NOT NULL,
        state varchar NOT NULL,
        reserved_at timestamptz NOT NULL,
        granted_on date,
        CONSTRAINT known_state_of_aid_in_kind CHECK (state IN ('reserved', 'granted', 'released')),
        CONSTRAINT aid_in_kind_granted_with_its_day CHECK (state <> 'granted' OR granted_on IS NOT NULL),
        CONSTRAINT released_aid_in_kind_is_nothing CHECK ((amount_minor = 0) = (state = 'released')),
        CONSTRAINT aid_in_kind_not_above_award CHECK (amount_minor BETWEEN 0 AND awarded_minor AND eur_minor >= 0)
    )
    """,
    "CREATE INDEX ix_aid_in_kind_counted ON aid_in_kind (organisation_id, member_state) WHERE state <> 'released'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE aid_in_kind")
    op.execute("DROP TABLE calls_without_money")
