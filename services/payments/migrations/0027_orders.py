"""Services that beneficiaries order of providers in the catalogue."""

from alembic import op

revision = "payments_0027"
down_revision = "payments_0026"
branch_labels = None
depends_on = None

STATES = "'placed', 'declined', 'accepted', 'redeemed', 'invoiced', 'confirmed', 'cancelled', 'rerouted'"
STATEMENTS = (
    f"""
    CREATE TABLE orders (
        id uuid NOT NULL,
        voucher_id uuid NOT NULL REFERENCES vouchers (id),
        call_id uuid NOT NULL,
        region varchar NOT NULL,
        organisation_id uuid NOT NULL,
        provider_id uuid NOT NULL REFERENCES providers (id),
        provider_organisation_id uuid NOT NULL,
        service varchar NOT NULL,
        agreed_minor bigint NOT NULL,
        buyer bytea,
        description bytea,
        state varchar NOT NULL,
        remark bytea,
        placed_by varchar NOT NULL,
        placed_at timestamptz NOT NULL,
        answer_by timestamptz,
        answered_at timestamptz,
        redeemed_by varchar,
        redeemed_at timestamptz,
        draft_id uuid REFERENCES claim_drafts (id),
        invoiced_at timestamptz,
        confirmed_by varchar,
        confirmed_at timestamptz,
        ended_at timestamptz,
        replaces uuid REFERENCES orders (id),
        PRIMARY KEY (id),
        CONSTRAINT known_state CHECK (state IN ({STATES})),
        CONSTRAINT costs_something CHECK (agreed_minor > 0),
        CONSTRAINT two_parties CHECK (organisation_id <> provider_organisation_id),
        CONSTRAINT redeemed_by_somebody CHECK (num_nulls(redeemed_at, redeemed_by, draft_id) IN (0, 3)),
        CONSTRAINT invoiced_once_redeemed CHECK (state NOT IN ('redeemed', 'invoiced', 'confirmed') OR redeemed_at IS NOT NULL),
        CONSTRAINT confirmed_has_a_time CHECK ((state = 'confirmed') = (confirmed_at IS NOT NULL)),
        CONSTRAINT confirmed_by_somebody CHECK (num_nulls(confirmed_at, confirmed_by) IN (0, 2))
    )
    """,
    "CREATE INDEX ix_orders_list ON orders (region, placed_at, id)",
    "CREATE INDEX ix_orders_voucher_id ON orders (voucher_id)",
    "CREATE INDEX ix_orders_organisation_id ON orders (organisation_id)",
    "CREATE INDEX ix_orders_provider_id ON orders (provider_id)",
    "CREATE INDEX ix_orders_provider_organisation_id ON orders (provider_organisation_id)",
    "CREATE UNIQUE INDEX one_live_order ON orders (voucher_id) WHERE state IN ('placed', 'accepted', 'redeemed', 'invoiced')",
    "CREATE UNIQUE INDEX one_order_per_draft ON orders (draft_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE orders")
