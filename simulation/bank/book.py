"""The bank's book: one SQLite file with every ordered transfer, the files that it read and the files that it has to deliver.

Every planned event is a row here and never only in memory, so the bank may be killed at any moment.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS transfers (
    end_to_end_id TEXT NOT NULL, instr_id TEXT NOT NULL, msg_id TEXT NOT NULL, pmt_inf_id TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0), currency TEXT NOT NULL,
    account TEXT NOT NULL, batch_booking INTEGER NOT NULL, file_sha256 TEXT NOT NULL,
    kind TEXT NOT NULL, reason TEXT, status TEXT, answer_at TEXT, book_on TEXT, return_on TEXT, requested_on TEXT, expected_on TEXT,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'accepted', 'rejected', 'booked', 'returned')),
    booked_on TEXT, returned_on TEXT, booked_statement TEXT, returned_statement TEXT,
    bank_kind TEXT, notified INTEGER NOT NULL DEFAULT 0, returned_minor INTEGER,  -- returned_minor NULL: all of it
    PRIMARY KEY (end_to_end_id, instr_id),  -- the same attempt in two files is booked once
    CHECK ((booked_on IS NOT NULL) = (state IN ('booked', 'returned'))),
    CHECK ((returned_on IS NOT NULL) = (state = 'returned'))
) STRICT;
CREATE TABLE IF NOT EXISTS files_seen (
    name TEXT NOT NULL, sha256 TEXT NOT NULL, msg_id TEXT, verdict TEXT NOT NULL CHECK (verdict IN ('taken', 'duplicate', 'unreadable')),
    PRIMARY KEY (name, sha256)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS taken_once ON files_seen (sha256) WHERE verdict = 'taken';  -- the same bytes under two names
CREATE TABLE IF NOT EXISTS files_owed (
    name TEXT PRIMARY KEY, body BLOB NOT NULL, due_at TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS statements (
    account TEXT NOT NULL, currency TEXT NOT NULL, number INTEGER NOT NULL, day TEXT NOT NULL, file TEXT NOT NULL,
    closing_minor INTEGER NOT NULL, PRIMARY KEY (account, currency, number)
) STRICT;
CREATE TABLE IF NOT EXISTS movements (  -- what no order asked for; the transfer of a double debit and of its reversal is in instr_id
    id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('paid in', 'double', 'reversal')), account TEXT NOT NULL,
    currency TEXT NOT NULL, amount_minor INTEGER NOT NULL CHECK (amount_minor > 0), book_on TEXT NOT NULL, text TEXT, instr_id TEXT,
    statement TEXT
) STRICT;
"""
_ADDED = {
    "requested_on": "TEXT", "expected_on": "TEXT", "bank_kind": "TEXT", "notified": "INTEGER NOT NULL DEFAULT 1",
    "returned_minor": "INTEGER",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Booked:
    """One attempt (`instr_id`) at one disbursement (in `end_to_end_id`) as the bank knows it.

    `state`: waiting, accepted, rejected, booked (money left the account), returned (and came back to it). `file_sha256`: hash of the file
    with the order.
    """

    end_to_end_id: str
    instr_id: str
    msg_id: str
    pmt_inf_id: str
    amount_minor: int
    currency: str
    state: str
    booked_on: date | None
    returned_on: date | None
    file_sha256: str


def read_book(path: Path) -> list[Booked]:
    """Returns every transfer that was ever ordered, sorted by EndToEndId. Raises FileNotFoundError if there is no book.

    The bank may be running, or may have been killed while it wrote.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    with closing(connect(path)) as book:
        book.execute("PRAGMA query_only = ON")
        rows = book.execute(
            "SELECT end_to_end_id, instr_id, msg_id, pmt_inf_id, amount_minor, currency, state, booked_on, returned_on, file_sha256"
            " FROM transfers ORDER BY end_to_end_id, instr_id"
        ).fetchall()
    return [Booked(**{**row, "booked_on": _day(row["booked_on"]), "returned_on": _day(row["returned_on"])}) for row in map(dict, rows)]


def open_book(path: Path) -> sqlite3.Connection:
    """Opens the book and creates missing tables."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = connect(path)
    book.executescript(_SCHEMA)
    columns = {row["name"] for row in book.execute("PRAGMA table_info(transfers)")}
    for missing in sorted(_ADDED.keys() - columns):  # a book of an earlier version
        book.execute(f"ALTER TABLE transfers ADD COLUMN {missing} {_ADDED[missing]}")
    return book


def connect(path: Path) -> sqlite3.Connection:
    """Opens a connection in autocommit mode: only `transaction` begins one. FULL: a commit survives a power cut."""
    book = sqlite3.connect(path, isolation_level=None, timeout=10)
    book.row_factory = sqlite3.Row
    book.execute("PRAGMA synchronous = FULL")
    return book


@contextmanager
def transaction(book: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    book.execute("BEGIN IMMEDIATE")
    try:
        yield book
    except BaseException:
        book.execute("ROLLBACK")
        raise
    book.execute("COMMIT")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
