"""Reports at the end of projects."""

from alembic import op

revision = "vouchers_0010"
down_revision = "vouchers_0009"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE reports (
        voucher_id uuid PRIMARY KEY REFERENCES vouchers,
        application_id uuid NOT NULL,
        call_id uuid NOT NULL,
        region varchar NOT NULL,
        organisation_id uuid NOT NULL,
        form_id varchar NOT NULL,
        state varchar NOT NULL,
        answers bytea,
        version integer NOT NULL,
        begun_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        sent_at timestamptz,
        sent_by varchar,
        CONSTRAINT known_state CHECK (state IN ('open', 'draft', 'sent')),
        CONSTRAINT sent_by_somebody CHECK (num_nulls(sent_by, sent_at) = CASE WHEN state = 'sent' THEN 0 ELSE 2 END)
    )
    """,
    "CREATE INDEX ix_reports_list ON reports (region, begun_at, voucher_id)",
    "CREATE INDEX ix_reports_application_id ON reports (application_id)",
    "CREATE INDEX ix_reports_organisation_id ON reports (organisation_id)",
    """
    CREATE FUNCTION sent_report() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.state = 'sent' AND (NEW.state <> 'sent' OR NEW.answers IS NOT NULL AND NEW.answers IS DISTINCT FROM OLD.answers) THEN
            RAISE EXCEPTION 'a report that was sent does not change' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER sent_report BEFORE UPDATE ON reports FOR EACH ROW EXECUTE FUNCTION sent_report()",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE reports")
    op.execute("DROP FUNCTION sent_report()")
