"""What hours and places count as aid stands in the ledger of aid, beside money: under the ceiling at the offer, and in the register."""

from alembic import op

revision = "payments_0040"
down_revision = "payments_0039"
branch_labels = None
depends_on = None

# The regulation was one until now. 20 working days are never less than 28 days, so no entry comes late by this.
STATEMENTS = (
    "ALTER TABLE aid_entries DROP CONSTRAINT aid_entries_voucher_id_fkey",
    "ALTER TABLE aid_entries ADD COLUMN money_of uuid REFERENCES vouchers (id)",
    "UPDATE aid_entries SET money_of = voucher_id",
    "ALTER TABLE aid_entries ADD CONSTRAINT of_its_own_money CHECK (money_of = voucher_id)",
    """
    INSERT INTO aid_entries (
        voucher_id, application_id, call_id, region, organisation_id, policy_id, member_state, regulation, currency, awarded_minor,
        amount_minor, eur_minor, rate_id, per_euro, state, reserved_at, granted_on, register_by
    )
    SELECT voucher_id, application_id, call_id, region, organisation_id, policy_id, member_state, '2023/2831', currency, awarded_minor,
           amount_minor, eur_minor, rate_id, per_euro, state, reserved_at, granted_on, granted_on + interval '28 days'
    FROM aid_in_kind
    """,
    "DROP TABLE aid_in_kind",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails where aid in kind is entered in the register: that would be lost."""
    op.execute("""
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
    """)
    op.execute("CREATE INDEX ix_aid_in_kind_counted ON aid_in_kind (organisation_id, member_state) WHERE state <> 'released'")
    op.execute("""
        INSERT INTO aid_in_kind
        SELECT voucher_id, application_id, call_id, region, organisation_id, policy_id, member_state, currency, awarded_minor,
               amount_minor, eur_minor, rate_id, per_euro, state, reserved_at, granted_on
        FROM aid_entries WHERE money_of IS NULL
    """)
    op.execute("DELETE FROM aid_entries WHERE money_of IS NULL AND registered_by IS NULL")
    op.execute("ALTER TABLE aid_entries ALTER COLUMN money_of SET NOT NULL")
    op.execute("ALTER TABLE aid_entries DROP COLUMN money_of")
    op.execute("ALTER TABLE aid_entries ADD CONSTRAINT aid_entries_voucher_id_fkey FOREIGN KEY (voucher_id) REFERENCES vouchers (id)")
