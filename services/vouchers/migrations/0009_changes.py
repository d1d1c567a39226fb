"""Requests for a change of a voucher, and when the words of a case were removed."""

from alembic import op

revision = "vouchers_0009"
down_revision = "vouchers_0008"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE changes (
        id uuid PRIMARY KEY,
        voucher_id uuid NOT NULL REFERENCES vouchers,
        application_id uuid NOT NULL,
        call_id uuid NOT NULL,
        region varchar NOT NULL,
        organisation_id uuid NOT NULL,
        kind varchar NOT NULL,
        state varchar NOT NULL,
        explanation bytea,
        valid_until timestamptz,
        provider bytea,
        amount_minor bigint,
        requested_by varchar NOT NULL,
        requested_at timestamptz NOT NULL,
        decided_by varchar,
        decided_at timestamptz,
        reason bytea,
        CONSTRAINT known_kind CHECK (kind IN ('extension', 'provider', 'amount')),
        CONSTRAINT known_state CHECK (state IN ('open', 'granted', 'refused')),
        CONSTRAINT decided_by_somebody CHECK (num_nulls(decided_by, decided_at) = CASE WHEN state = 'open' THEN 2 ELSE 0 END),
        CONSTRAINT extension_has_a_date CHECK ((kind = 'extension') = (valid_until IS NOT NULL)),
        CONSTRAINT amount_has_a_sum CHECK ((kind = 'amount') = (amount_minor IS NOT NULL))
    )
    """,
    "CREATE UNIQUE INDEX one_open_change ON changes (voucher_id, kind) WHERE state = 'open'",
    "CREATE INDEX ix_changes_list ON changes (region, requested_at, id)",
    "CREATE INDEX ix_changes_voucher_id ON changes (voucher_id)",
    "CREATE INDEX ix_changes_application_id ON changes (application_id)",
    "CREATE INDEX ix_changes_organisation_id ON changes (organisation_id)",
    """
    CREATE FUNCTION stated_words() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (OLD.explanation IS DISTINCT FROM NEW.explanation AND NEW.explanation IS NOT NULL)
            OR (OLD.provider IS DISTINCT FROM NEW.provider AND NEW.provider IS NOT NULL)
            OR (OLD.state <> 'open' AND OLD.reason IS DISTINCT FROM NEW.reason AND NEW.reason IS NOT NULL)
        THEN
            RAISE EXCEPTION 'what was asked and answered does not change' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "ALTER TABLE vouchers ADD COLUMN removed_at timestamptz",
    "CREATE TRIGGER stated_words BEFORE UPDATE ON changes FOR EACH ROW EXECUTE FUNCTION stated_words()",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE vouchers DROP COLUMN removed_at")
    op.execute("DROP TABLE changes")
    op.execute("DROP FUNCTION stated_words()")
