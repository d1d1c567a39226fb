"""When the final report was sent, returned and decided: payments keeps a part of the voucher until then."""

from alembic import op

revision = "vouchers_0014"
down_revision = "vouchers_0013"
branch_labels = None
depends_on = None

GUARD = """
CREATE OR REPLACE FUNCTION sent_report() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {refused} THEN
            RAISE EXCEPTION 'a report that was sent does not change' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
"""
BEFORE = "OLD.state = 'sent' AND (NEW.state <> 'sent' OR NEW.answers IS NOT NULL AND NEW.answers IS DISTINCT FROM OLD.answers)"
AFTER = """OLD.state IN ('sent', 'accepted') AND NEW.answers IS NOT NULL AND NEW.answers IS DISTINCT FROM OLD.answers
            OR OLD.state = 'accepted' AND NEW.state <> 'accepted' OR OLD.state = 'sent' AND NEW.state = 'open'"""
ADDED = ("report_sent_at", "report_returned_at", "report_decided_at", "deposit_paid_at")


def upgrade() -> None:
    op.execute("ALTER TABLE vouchers " + ", ".join(f"ADD COLUMN {name} timestamptz" for name in ADDED))
    op.execute(GUARD.format(refused=AFTER))
    op.execute("ALTER TABLE reports ADD COLUMN note bytea")
    op.execute("ALTER TABLE reports DROP CONSTRAINT known_state, DROP CONSTRAINT sent_by_somebody")
    op.execute("ALTER TABLE reports ADD CONSTRAINT known_state CHECK (state IN ('open', 'draft', 'sent', 'accepted'))")
    op.execute(
        """
        ALTER TABLE reports ADD CONSTRAINT sent_by_somebody
        CHECK (num_nulls(sent_by, sent_at) = CASE WHEN state IN ('sent', 'accepted') THEN 0 ELSE 2 END)
        """
    )


def downgrade() -> None:
    """Fails where a report was accepted."""
    op.execute("ALTER TABLE reports DROP CONSTRAINT known_state, DROP CONSTRAINT sent_by_somebody")
    op.execute("ALTER TABLE reports ADD CONSTRAINT known_state CHECK (state IN ('open', 'draft', 'sent'))")
    op.execute(
        "ALTER TABLE reports ADD CONSTRAINT sent_by_somebody"
        " CHECK (num_nulls(sent_by, sent_at) = CASE WHEN state = 'sent' THEN 0 ELSE 2 END)"
    )
    op.execute("ALTER TABLE reports DROP COLUMN note")
    op.execute(GUARD.format(refused=BEFORE))
    op.execute("ALTER TABLE vouchers " + ", ".join(f"DROP COLUMN {name}" for name in ADDED))
