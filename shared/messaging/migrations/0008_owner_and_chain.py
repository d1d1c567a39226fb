"""The links of the hash chains. Months are added to the outbox as its owner, on behalf of the runtime role."""

from alembic import op

revision = "messaging_0008"
down_revision = "messaging_0007"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER FUNCTION outbox_months(integer) SECURITY DEFINER SET search_path = public, pg_temp",
    """
    CREATE TABLE chain_links (
        chain varchar NOT NULL,
        number integer NOT NULL,
        last_position bigint NOT NULL,
        rows integer NOT NULL,
        hash varchar NOT NULL,
        linked_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (chain, number),
        CONSTRAINT ck_chain_links_rows CHECK (rows > 0)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE chain_links")
    op.execute("ALTER FUNCTION outbox_months(integer) SECURITY INVOKER RESET search_path")
