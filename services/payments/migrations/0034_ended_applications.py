"""Applications that go on no more: who has applied once may be a provider later."""

from alembic import op

revision = "payments_0034"
down_revision = "payments_0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE ended_applications (
            application_id uuid NOT NULL PRIMARY KEY,
            call_id uuid NOT NULL,
            region varchar NOT NULL,
            ended_at timestamptz NOT NULL
        )
    """)


def downgrade() -> None:
    op.execute("DROP TABLE ended_applications")
