"""A person's acts in a call are found by duty: an officer has thousands of one kind, and only those of other kinds are looked for."""

from alembic import op

revision = "messaging_0011"
down_revision = "messaging_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX ix_acts_call")
    op.execute("CREATE INDEX ix_acts_call ON acts (actor, call_id, duty)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_acts_call")
    op.execute("CREATE INDEX ix_acts_call ON acts (actor, call_id)")
