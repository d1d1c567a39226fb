"""Public randomness of draws, with its proof."""

from alembic import op

revision = "evaluation_0008"
down_revision = "evaluation_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE randomness (
            call_id uuid PRIMARY KEY REFERENCES calls (id),
            round bigint NOT NULL,
            at timestamptz NOT NULL,
            randomness varchar NOT NULL,
            signature varchar NOT NULL,
            file varchar NOT NULL,
            file_hash varchar NOT NULL,
            given_by varchar NOT NULL,
            given_at timestamptz NOT NULL
        )
    """)


def downgrade() -> None:
    op.execute("DROP TABLE randomness")
