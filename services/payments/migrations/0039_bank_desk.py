"""A line of the bank in parts: a charge, money that has to come back, a return in part, and several things in one line."""

from alembic import op

revision = "payments_0039"
down_revision = "payments_0038"
branch_labels = None
depends_on = None

_PERSON = "'confirmed', 'bank-error', 'no-effect'"
_OLD = "'matched', 'recovery', 'income', 'returned-to-sender', 'sent-back', 'otherwise', 'undone'"
_NEW = f"{_OLD}, 'charge', 'to-come-back', 'came-back', 'returned-in-part', 'split'"
_OLD_BOOKS = "'income', 'to-sender', 'sent-back', 'income-undone', 'to-sender-undone', 'sent-back-undone'"
_NEW_BOOKS = f"{_OLD_BOOKS}, 'charge', 'to-come-back', 'came-back', 'charge-undone', 'to-come-back-undone', 'came-back-undone'"
_OLD_ACCOUNTS = "'funding', 'available', 'reserved', 'committed', 'paid', 'recovered', 'clearing', 'income', 'suspense', 'deposits'"


def _allow(table: str, name: str, column: str, values: str) -> tuple[str, str]:
    return (
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IN ({values}))",
    )


def _matched(resolutions: str) -> tuple[str, str]:
    return (
        "ALTER TABLE line_proposals DROP CONSTRAINT matched_to_a_payment",
        f"""
        ALTER TABLE line_proposals ADD CONSTRAINT matched_to_a_payment
        CHECK ((resolution IN ({resolutions})) = (disbursement_id IS NOT NULL))
        """,
    )


STATEMENTS = (
    *_allow("bank_lines", "known_resolution", "resolution", f"{_PERSON}, {_NEW}"),
    *_allow("line_proposals", "known_resolution", "resolution", _NEW),
    *_allow("line_proposals", "known_booking", "books", _NEW_BOOKS),
    *_matched("'matched', 'returned-in-part'"),
    *_allow("ledger_accounts", "known_account", "name", f"{_OLD_ACCOUNTS}, 'charges', 'receivable'"),
    "ALTER TABLE line_proposals ADD COLUMN books_minor bigint",
    f"""
    CREATE TABLE line_parts (
        id uuid NOT NULL PRIMARY KEY,
        proposal_id uuid NOT NULL REFERENCES line_proposals (id),
        number integer NOT NULL,
        resolution varchar NOT NULL,
        amount_minor bigint NOT NULL,
        disbursement_id uuid REFERENCES disbursements (id),
        attempt_id uuid REFERENCES attempts (id),
        recovery_id uuid REFERENCES recoveries (id),
        books varchar,
        books_minor bigint,
        books_region varchar,
        CONSTRAINT known_resolution CHECK (resolution IN ({_NEW})),
        CONSTRAINT known_booking CHECK (books IN ({_NEW_BOOKS})),
        CONSTRAINT of_something CHECK (amount_minor > 0),
        CONSTRAINT books_an_amount CHECK (num_nulls(books, books_minor, books_region) IN (0, 3)),
        CONSTRAINT matched_to_a_payment CHECK ((resolution IN ('matched', 'returned-in-part')) = (disbursement_id IS NOT NULL)),
        CONSTRAINT matched_to_an_attempt CHECK ((disbursement_id IS NULL) = (attempt_id IS NULL)),
        CONSTRAINT matched_to_a_recovery CHECK ((resolution = 'recovery') = (recovery_id IS NOT NULL)),
        CONSTRAINT one_part_per_number UNIQUE (proposal_id, number)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails where a line was resolved in a way that was not there before."""
    op.execute("DROP TABLE line_parts")
    op.execute("ALTER TABLE line_proposals DROP COLUMN books_minor")
    for statement in (
        *_allow("ledger_accounts", "known_account", "name", _OLD_ACCOUNTS),
        *_matched("'matched'"),
        *_allow("line_proposals", "known_booking", "books", _OLD_BOOKS),
        *_allow("line_proposals", "known_resolution", "resolution", _OLD),
        *_allow("bank_lines", "known_resolution", "resolution", f"{_PERSON}, {_OLD}"),
    ):
        op.execute(statement)
