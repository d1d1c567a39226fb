"""The ledger of aid: de minimis aid by single undertaking, what applicants declare, and what makes firms one undertaking."""

from alembic import op

revision = "payments_0031"
down_revision = "payments_0030"
branch_labels = None
depends_on = None

_RULES = "'claims-closed', 'below-claimed', 'envelope-exhausted'"
STATEMENTS = (
    "ALTER TABLE value_changes DROP CONSTRAINT known_rule",
    f"ALTER TABLE value_changes ADD CONSTRAINT known_rule CHECK (rule IN ({_RULES}, 'de-minimis-ceiling'))",
    """
    CREATE TABLE aid_entries (
        voucher_id uuid PRIMARY KEY REFERENCES vouchers (id),
        application_id uuid NOT NULL,
        call_id uuid NOT NULL,
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
        register_by timestamptz,
        register_number varchar,
        registered_on date,
        registered_by varchar,
        registered_at timestamptz,
        registered_minor bigint,
        CONSTRAINT known_state CHECK (state IN ('reserved', 'granted', 'released')),
        CONSTRAINT granted_with_its_day CHECK (state <> 'granted' OR granted_on IS NOT NULL),
        CONSTRAINT to_be_registered_when_granted CHECK ((granted_on IS NULL) = (register_by IS NULL)),
        CONSTRAINT released_is_nothing CHECK ((amount_minor = 0) = (state = 'released')),
        CONSTRAINT amounts_not_negative CHECK (awarded_minor > 0 AND amount_minor >= 0 AND eur_minor >= 0),
        CONSTRAINT registered_in_full CHECK (
            num_nulls(register_number, registered_on, registered_by, registered_at, registered_minor) IN (0, 5)
        ),
        CONSTRAINT registered_once_granted CHECK (registered_by IS NULL OR granted_on IS NOT NULL)
    )
    """,
    "CREATE INDEX ix_aid_entries_counted ON aid_entries (organisation_id, member_state) WHERE state <> 'released'",
    "CREATE INDEX ix_aid_entries_list ON aid_entries (region, register_by, voucher_id) WHERE granted_on IS NOT NULL",
    """
    CREATE TABLE aid_applicants (
        application_id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL,
        member_state varchar NOT NULL,
        policy_id varchar NOT NULL,
        activity_code varchar
    )
    """,
    "CREATE INDEX ix_aid_applicants_organisation_id ON aid_applicants (organisation_id)",
    """
    CREATE TABLE declared_aid (
        application_id uuid NOT NULL REFERENCES aid_applicants (application_id),
        number integer NOT NULL,
        granted_on date NOT NULL,
        amount_minor bigint NOT NULL,
        currency varchar NOT NULL,
        PRIMARY KEY (application_id, number),
        CONSTRAINT amount_not_negative CHECK (amount_minor >= 0)
    )
    """,
    """
    CREATE TABLE undertaking_edges (
        id uuid PRIMARY KEY,
        one_node varchar NOT NULL,
        other_node varchar NOT NULL,
        kind varchar NOT NULL,
        version integer NOT NULL,
        valid_from date,
        valid_until date,
        CONSTRAINT joins_two CHECK (one_node <> other_node),
        CONSTRAINT ends_after_its_beginning CHECK (valid_until > valid_from)
    )
    """,
    "CREATE INDEX ix_undertaking_edges_one_node ON undertaking_edges (one_node)",
    "CREATE INDEX ix_undertaking_edges_other_node ON undertaking_edges (other_node)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails where a change was refused by the ceiling."""
    for table in ("undertaking_edges", "declared_aid", "aid_applicants", "aid_entries"):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE value_changes DROP CONSTRAINT known_rule")
    op.execute(f"ALTER TABLE value_changes ADD CONSTRAINT known_rule CHECK (rule IN ({_RULES}))")
