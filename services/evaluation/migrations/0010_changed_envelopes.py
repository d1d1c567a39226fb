"""Changes of a call's envelope, and money that was added to an award."""

from alembic import op

revision = "evaluation_0010"
down_revision = "evaluation_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE calls ADD COLUMN change_minor bigint NOT NULL DEFAULT 0, ADD COLUMN issued_envelope_minor bigint")
    op.execute("ALTER TABLE calls ALTER change_minor DROP DEFAULT")
    op.execute("UPDATE calls SET issued_envelope_minor = envelope_minor WHERE appeals_over_at IS NOT NULL")
    op.execute("""
        CREATE TABLE envelope_changes (
            call_id uuid NOT NULL REFERENCES calls (id),
            change_id uuid NOT NULL,
            change_minor bigint NOT NULL,
            recorded_at timestamptz NOT NULL,
            PRIMARY KEY (call_id, change_id)
        )
    """)
    op.execute("ALTER TABLE decisions ADD COLUMN added_minor bigint NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE decisions ALTER added_minor DROP DEFAULT")
    op.execute("ALTER TABLE decisions DROP CONSTRAINT released")
    op.execute(
        "ALTER TABLE decisions ADD CONSTRAINT released CHECK (released_minor BETWEEN 0 AND amount_minor + added_minor AND added_minor >= 0)"
    )


def downgrade() -> None:
    """Fails where an award has more money than it was granted with."""
    op.execute("ALTER TABLE decisions DROP CONSTRAINT released")
    op.execute("ALTER TABLE decisions ADD CONSTRAINT released CHECK (released_minor BETWEEN 0 AND amount_minor)")
    op.execute("ALTER TABLE decisions DROP COLUMN added_minor")
    op.execute("DROP TABLE envelope_changes")
    op.execute("ALTER TABLE calls DROP COLUMN change_minor, DROP COLUMN issued_envelope_minor")
