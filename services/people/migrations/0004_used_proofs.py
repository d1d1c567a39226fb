"""ID tokens that were exchanged."""

from alembic import op

revision = "people_0004"
down_revision = "people_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE used_proofs (digest varchar NOT NULL, until timestamptz NOT NULL, PRIMARY KEY (digest))")
    op.execute("CREATE INDEX ix_used_proofs_until ON used_proofs (until)")


def downgrade() -> None:
    op.execute("DROP TABLE used_proofs")
