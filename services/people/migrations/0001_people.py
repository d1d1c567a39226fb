"""Persons, their sign-ins and what is void; organisations, members, invitations; roles."""

from alembic import op

revision = "people_0001"
down_revision = None
branch_labels = ("people",)
depends_on = "messaging_0001"

STATEMENTS = (
    """
    CREATE TABLE persons (
        id uuid NOT NULL,
        machine boolean NOT NULL,
        issuer varchar,
        subject bytea,
        sign_in_key varchar,
        name bytea,
        email bytea,
        email_key varchar,
        email_verified boolean NOT NULL,
        language varchar NOT NULL,
        secret_hash varchar,
        registered_by varchar NOT NULL,
        registered_at timestamptz NOT NULL,
        ended_at timestamptz,
        PRIMARY KEY (id),
        CONSTRAINT ck_persons_kind CHECK (machine = (secret_hash IS NOT NULL) AND machine = (issuer IS NULL)),
        UNIQUE (sign_in_key)
    )
    """,
    "CREATE INDEX ix_persons_email_key ON persons (email_key)",
    "CREATE INDEX ix_persons_list ON persons (registered_at, id)",
    """
    CREATE TABLE revocations (
        kind varchar NOT NULL,
        subject varchar NOT NULL,
        at double precision NOT NULL,
        until timestamptz NOT NULL,
        PRIMARY KEY (kind, subject),
        CONSTRAINT ck_revocations_kind CHECK (kind IN ('persons', 'issued', 'sign_ins', 'tokens'))
    )
    """,
    "CREATE INDEX ix_revocations_until ON revocations (until)",
    """
    CREATE TABLE organisations (
        id uuid NOT NULL,
        country varchar NOT NULL,
        tax_number bytea NOT NULL,
        tax_key varchar NOT NULL,
        name bytea NOT NULL,
        seat bytea NOT NULL,
        size bytea NOT NULL,
        nuts varchar NOT NULL,
        activity_code varchar NOT NULL,
        version integer NOT NULL,
        registered_by uuid NOT NULL,
        registered_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT one_organisation_per_tax_number UNIQUE (tax_key),
        CONSTRAINT ck_organisations_version CHECK (version > 0),
        FOREIGN KEY(registered_by) REFERENCES persons (id)
    )
    """,
    """
    CREATE TABLE role_grants (
        id uuid NOT NULL,
        person_id uuid NOT NULL,
        role varchar NOT NULL,
        region varchar NOT NULL,
        state varchar NOT NULL,
        valid_from timestamptz NOT NULL,
        valid_until timestamptz,
        proposed_by varchar NOT NULL,
        proposed_at timestamptz NOT NULL,
        decided_by varchar,
        decided_at timestamptz,
        ended_by varchar,
        ended_at timestamptz,
        PRIMARY KEY (id),
        CONSTRAINT ck_role_grants_state CHECK (state IN ('proposed', 'granted', 'refused', 'ended')),
        CONSTRAINT ck_role_grants_role CHECK (role IN ('evaluator', 'officer', 'finance', 'auditor', 'administrator')),
        CONSTRAINT ck_role_grants_not_own CHECK (proposed_by <> person_id::text AND decided_by <> person_id::text),
        CONSTRAINT ck_role_grants_decided_by_another CHECK (decided_by <> proposed_by),
        CONSTRAINT ck_role_grants_decided CHECK (num_nulls(decided_by, decided_at) IN (0, 2)),
        CONSTRAINT ck_role_grants_ended CHECK (num_nulls(ended_by, ended_at) = CASE WHEN state = 'ended' THEN 0 ELSE 2 END),
        CONSTRAINT ck_role_grants_period CHECK (valid_until > valid_from),
        FOREIGN KEY(person_id) REFERENCES persons (id)
    )
    """,
    "CREATE INDEX ix_role_grants_list ON role_grants (region, proposed_at, id)",
    "CREATE UNIQUE INDEX one_live_grant ON role_grants (person_id, role, region) WHERE state IN ('proposed', 'granted')",
    """
    CREATE TABLE sign_ins (
        id uuid NOT NULL,
        person_id uuid NOT NULL,
        client varchar NOT NULL,
        signed_in_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        secret_hash varchar NOT NULL,
        ended_at timestamptz,
        PRIMARY KEY (id),
        FOREIGN KEY(person_id) REFERENCES persons (id),
        UNIQUE (secret_hash)
    )
    """,
    "CREATE INDEX ix_sign_ins_person ON sign_ins (person_id, ends_at)",
    """
    CREATE TABLE invitations (
        id uuid NOT NULL,
        organisation_id uuid NOT NULL,
        email bytea NOT NULL,
        role varchar NOT NULL,
        language varchar NOT NULL,
        secret_hash varchar NOT NULL,
        state varchar NOT NULL,
        invited_by uuid NOT NULL,
        invited_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        ended_by varchar,
        ended_at timestamptz,
        PRIMARY KEY (id),
        CONSTRAINT ck_invitations_state CHECK (state IN ('open', 'accepted', 'withdrawn')),
        CONSTRAINT ck_invitations_role CHECK (role IN ('owner', 'editor')),
        CONSTRAINT ck_invitations_ended CHECK (num_nulls(ended_by, ended_at) = CASE WHEN state = 'open' THEN 2 ELSE 0 END),
        FOREIGN KEY(organisation_id) REFERENCES organisations (id),
        UNIQUE (secret_hash),
        FOREIGN KEY(invited_by) REFERENCES persons (id)
    )
    """,
    "CREATE INDEX ix_invitations_organisation ON invitations (organisation_id, invited_at)",
    """
    CREATE TABLE memberships (
        id uuid NOT NULL,
        organisation_id uuid NOT NULL,
        person_id uuid NOT NULL,
        role varchar NOT NULL,
        since timestamptz NOT NULL,
        invitation_id uuid,
        ended_at timestamptz,
        ended_by varchar,
        PRIMARY KEY (id),
        CONSTRAINT ck_memberships_role CHECK (role IN ('owner', 'editor')),
        CONSTRAINT ck_memberships_ended CHECK (num_nulls(ended_at, ended_by) IN (0, 2)),
        FOREIGN KEY(organisation_id) REFERENCES organisations (id),
        FOREIGN KEY(person_id) REFERENCES persons (id)
    )
    """,
    "CREATE INDEX ix_memberships_person ON memberships (person_id)",
    "CREATE UNIQUE INDEX one_open_membership ON memberships (organisation_id, person_id) WHERE ended_at IS NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
