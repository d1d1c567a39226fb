"""What comes back of a mail after it was sent, and since when a person's address is what it is."""

from alembic import op

revision = "people_0009"
down_revision = "people_0008"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE persons ADD COLUMN email_since timestamptz",
    "ALTER TABLE mails ADD COLUMN answer bytea, ADD COLUMN bounced_at timestamptz",
    "UPDATE mails SET bounced_at = written_at WHERE state = 'bounced'",
    "ALTER TABLE mails DROP CONSTRAINT ck_mails_sent, DROP CONSTRAINT ck_mails_reason",
    """
    ALTER TABLE mails
        ADD CONSTRAINT ck_mails_sent CHECK (
            CASE state WHEN 'waiting' THEN sent_at IS NULL WHEN 'sent' THEN sent_at IS NOT NULL ELSE true END
        ),
        ADD CONSTRAINT ck_mails_reason CHECK (
            CASE state WHEN 'waiting' THEN reason IS NULL WHEN 'sent' THEN true ELSE reason IS NOT NULL END
        ),
        ADD CONSTRAINT ck_mails_bounced CHECK ((bounced_at IS NOT NULL) = (state = 'bounced'))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """What came back later counts as sent again."""
    op.execute("ALTER TABLE mails DROP CONSTRAINT ck_mails_sent, DROP CONSTRAINT ck_mails_reason, DROP CONSTRAINT ck_mails_bounced")
    op.execute("UPDATE mails SET state = 'sent' WHERE sent_at IS NOT NULL")
    op.execute("UPDATE mails SET reason = NULL WHERE state = 'sent'")
    op.execute("ALTER TABLE mails DROP COLUMN answer, DROP COLUMN bounced_at")
    op.execute(
        "ALTER TABLE mails ADD CONSTRAINT ck_mails_sent CHECK (num_nulls(sent_at) = CASE WHEN state = 'sent' THEN 0 ELSE 1 END),"
        " ADD CONSTRAINT ck_mails_reason CHECK (num_nulls(reason) = CASE WHEN state IN ('failed', 'bounced') THEN 0 ELSE 1 END)"
    )
    op.execute("ALTER TABLE persons DROP COLUMN email_since")
