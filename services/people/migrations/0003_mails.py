"""Mails, reminders, and the cases that they are about."""

from alembic import op

revision = "people_0003"
down_revision = "people_0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE cases (
        application_id uuid NOT NULL,
        call_id uuid NOT NULL,
        region varchar NOT NULL,
        organisation_id uuid NOT NULL,
        policy_id varchar NOT NULL,
        receipt varchar NOT NULL,
        withdrawn_at timestamptz,
        answer_by timestamptz,
        claims_until timestamptz,
        PRIMARY KEY (application_id)
    )
    """,
    "CREATE INDEX ix_cases_call ON cases (call_id)",
    """
    CREATE TABLE mails (
        id uuid NOT NULL,
        event_id uuid NOT NULL,
        template varchar NOT NULL,
        recipient_id uuid NOT NULL,
        subject_id uuid NOT NULL,
        language varchar NOT NULL,
        case_id uuid,
        region varchar,
        facts jsonb NOT NULL,
        secret bytea,
        state varchar NOT NULL,
        reason varchar,
        tries integer NOT NULL,
        written_at timestamptz NOT NULL,
        first_try_at timestamptz,
        next_try_at timestamptz,
        sent_at timestamptz,
        PRIMARY KEY (id),
        CONSTRAINT one_mail_per_event UNIQUE (event_id, recipient_id, template),
        CONSTRAINT ck_mails_state CHECK (state IN ('waiting', 'sent', 'failed', 'bounced')),
        CONSTRAINT ck_mails_template CHECK (template IN (
            'receipt', 'returned', 'deadline-moved', 'decision', 'offer', 'voucher-extended', 'digest', 'invitation', 'role-invitation',
            'role-granted'
        )),
        CONSTRAINT ck_mails_sent CHECK (num_nulls(sent_at) = CASE WHEN state = 'sent' THEN 0 ELSE 1 END),
        CONSTRAINT ck_mails_reason CHECK (num_nulls(reason) = CASE WHEN state IN ('failed', 'bounced') THEN 0 ELSE 1 END),
        CONSTRAINT ck_mails_secret CHECK (secret IS NULL OR state = 'waiting')
    )
    """,
    "CREATE INDEX ix_mails_waiting ON mails (written_at, id) WHERE state = 'waiting'",
    "CREATE INDEX ix_mails_recipient ON mails (recipient_id, written_at, id)",
    "CREATE INDEX ix_mails_case ON mails (case_id)",
    """
    CREATE TABLE reminders (
        event_id uuid NOT NULL,
        person_id uuid NOT NULL REFERENCES persons (id),
        case_id uuid NOT NULL REFERENCES cases (application_id),
        kind varchar NOT NULL,
        due_at timestamptz NOT NULL,
        written_at timestamptz NOT NULL,
        mail_id uuid REFERENCES mails (id),
        PRIMARY KEY (event_id, person_id),
        CONSTRAINT ck_reminders_kind CHECK (kind IN ('offer', 'claims'))
    )
    """,
    "CREATE INDEX ix_reminders_waiting ON reminders (person_id) WHERE mail_id IS NULL",
    "CREATE INDEX ix_reminders_mail ON reminders (mail_id)",
    "CREATE INDEX ix_reminders_case ON reminders (case_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE reminders, mails, cases")
