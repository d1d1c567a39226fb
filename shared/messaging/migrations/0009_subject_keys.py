"""The keys of data subjects, wrapped by a master key that the database has not."""

from alembic import op

revision = "messaging_0009"
down_revision = "messaging_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE subject_keys (
            subject_id uuid PRIMARY KEY,
            wrapped bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            destroyed_at timestamptz,
            CONSTRAINT ck_subject_keys_destroyed CHECK ((wrapped = '') = (destroyed_at IS NOT NULL))
        )
    """)


def downgrade() -> None:
    op.execute("DROP TABLE subject_keys")
