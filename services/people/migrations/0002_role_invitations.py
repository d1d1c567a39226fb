"""Roles that are proposed for an e-mail address with which nobody has signed in yet."""

from alembic import op

revision = "people_0002"
down_revision = "people_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE role_invitations (
            id uuid NOT NULL,
            email bytea,
            email_key varchar,
            role varchar NOT NULL,
            region varchar NOT NULL,
            valid_from timestamptz NOT NULL,
            valid_until timestamptz,
            state varchar NOT NULL,
            proposed_by varchar NOT NULL,
            proposed_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            ended_at timestamptz,
            PRIMARY KEY (id),
            CONSTRAINT ck_role_invitations_state CHECK (state IN ('open', 'accepted', 'withdrawn')),
            CONSTRAINT ck_role_invitations_role CHECK (role IN ('evaluator', 'officer', 'finance', 'auditor', 'administrator')),
            CONSTRAINT ck_role_invitations_ended CHECK (
                num_nulls(email, email_key) = CASE WHEN state = 'open' THEN 0 ELSE 2 END
                AND num_nulls(ended_at) = CASE WHEN state = 'open' THEN 1 ELSE 0 END
            ),
            CONSTRAINT ck_role_invitations_period CHECK (valid_until > valid_from)
        )
    """)
    op.execute("CREATE INDEX ix_role_invitations_email ON role_invitations (email_key) WHERE state = 'open'")


def downgrade() -> None:
    op.execute("DROP TABLE role_invitations")
