"""Links that make an organisation one undertaking with another firm."""

from alembic import op

revision = "people_0014"
down_revision = "people_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE undertaking_links (
            id uuid PRIMARY KEY,
            organisation_id uuid NOT NULL REFERENCES organisations (id),
            kind varchar NOT NULL,
            country varchar NOT NULL,
            tax_number bytea,
            name bytea,
            valid_from date NOT NULL,
            valid_until date,
            version integer NOT NULL,
            declared_by uuid NOT NULL REFERENCES persons (id),
            declared_at timestamptz NOT NULL,
            ended_by uuid REFERENCES persons (id),
            ended_at timestamptz,
            CONSTRAINT ck_undertaking_links_kind CHECK (kind IN ('majority-of-votes', 'board', 'dominant-influence', 'agreement')),
            CONSTRAINT ck_undertaking_links_days CHECK (valid_until > valid_from),
            CONSTRAINT ck_undertaking_links_ended CHECK (num_nulls(valid_until, ended_by, ended_at) IN (0, 3))
        )
        """
    )
    op.execute("CREATE INDEX ix_undertaking_links_organisation ON undertaking_links (organisation_id, declared_at)")


def downgrade() -> None:
    op.execute("DROP TABLE undertaking_links")
