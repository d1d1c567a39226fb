"""Sessions and attempts to sign in."""

from alembic import op

revision = "portal_0001"
down_revision = None
branch_labels = ("portal",)
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE sessions (
        id varchar NOT NULL,
        content bytea NOT NULL,
        seen_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_sessions_ends_at ON sessions (ends_at)",
    """
    CREATE TABLE attempts (
        id varchar NOT NULL,
        content bytea NOT NULL,
        ends_at timestamptz NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_attempts_ends_at ON attempts (ends_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
