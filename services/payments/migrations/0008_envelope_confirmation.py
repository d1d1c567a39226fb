"""An envelope above the policy's ceiling waits until a second person has confirmed it."""

from alembic import op

revision = "payments_0008"
down_revision = "payments_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE envelopes
            ADD COLUMN needs_confirmation boolean NOT NULL DEFAULT false,
            ADD COLUMN published_by varchar, ADD COLUMN confirmed_by varchar, ADD COLUMN confirmed_at timestamptz,
            ADD CONSTRAINT confirmed_before_use CHECK (NOT needs_confirmation OR confirmed_by IS NOT NULL OR reserved_minor = 0),
            ADD CONSTRAINT confirmed_by_another_person CHECK (confirmed_by <> published_by),
            ADD CONSTRAINT confirmed_by_and_at CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL))
    """)
    op.execute("ALTER TABLE envelopes ALTER COLUMN needs_confirmation DROP DEFAULT")


def downgrade() -> None:
    op.execute("""
        ALTER TABLE envelopes DROP COLUMN confirmed_at, DROP COLUMN confirmed_by, DROP COLUMN published_by, DROP COLUMN needs_confirmation
    """)
