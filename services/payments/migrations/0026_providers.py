"""The catalogue of providers, and the relations of applicants by which a related provider is found."""

from alembic import op

revision = "payments_0026"
down_revision = "payments_0025"
branch_labels = None
depends_on = None

STATES = "'applied', 'in-check', 'approved', 'refused', 'suspended', 'withdrawn'"
STATEMENTS = (
    f"""
    CREATE TABLE providers (
        id uuid NOT NULL,
        region varchar NOT NULL,
        organisation_id uuid NOT NULL,
        state varchar NOT NULL,
        step integer NOT NULL,
        country varchar NOT NULL,
        name bytea NOT NULL,
        tax_number bytea NOT NULL,
        tax_key varchar NOT NULL,
        seat bytea NOT NULL,
        website bytea,
        summary bytea NOT NULL,
        owners bytea NOT NULL,
        kin bytea NOT NULL,
        worked_with bytea NOT NULL,
        relations jsonb NOT NULL,
        services jsonb NOT NULL,
        approved_services jsonb NOT NULL,
        since date,
        until date,
        reason bytea,
        applied_by varchar NOT NULL,
        applied_at timestamptz NOT NULL,
        decided_by varchar,
        decided_at timestamptz,
        PRIMARY KEY (id),
        CONSTRAINT known_state CHECK (state IN ({STATES})),
        CONSTRAINT approved_from_a_day CHECK (state NOT IN ('approved', 'suspended') OR since IS NOT NULL),
        CONSTRAINT approved_in_order CHECK (until >= since),
        CONSTRAINT has_a_history CHECK (step > 0)
    )
    """,
    "CREATE INDEX ix_providers_list ON providers (region, applied_at, id)",
    "CREATE INDEX ix_providers_organisation_id ON providers (organisation_id)",
    "CREATE UNIQUE INDEX one_provider_per_tax_number ON providers (region, tax_key) WHERE state NOT IN ('refused', 'withdrawn')",
    f"""
    CREATE TABLE provider_steps (
        provider_id uuid NOT NULL REFERENCES providers (id),
        number integer NOT NULL,
        organisation_id uuid NOT NULL,
        region varchar NOT NULL,
        state varchar NOT NULL,
        services jsonb NOT NULL,
        since date,
        until date,
        reason bytea,
        actor varchar NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (provider_id, number),
        CONSTRAINT known_step CHECK (state IN ({STATES}))
    )
    """,
    "CREATE INDEX ix_provider_steps_organisation_id ON provider_steps (organisation_id)",
    """
    CREATE TABLE applicants (
        application_id uuid NOT NULL,
        call_id uuid NOT NULL,
        region varchar NOT NULL,
        organisation_id uuid NOT NULL,
        policy_id varchar NOT NULL,
        relations jsonb NOT NULL,
        found_at timestamptz NOT NULL,
        PRIMARY KEY (application_id)
    )
    """,
    "CREATE INDEX ix_applicants_organisation ON applicants (organisation_id, region)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("applicants", "provider_steps", "providers"):
        op.execute(f"DROP TABLE {table}")
