"""A reader of the simulated bank's own book: the transfers that the bank was ordered to make and what it did with them.

verify reads the SQLite file itself and shares no code with the bank, so that a mistake in the bank's code is not repeated here.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_TRANSFERS = """
    SELECT end_to_end_id, instr_id, amount_minor, currency, state, {} FROM transfers ORDER BY end_to_end_id, instr_id
"""
_LOCK_TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class BookTransfer:
    """One attempt (`instr_id`) at one disbursement (in `end_to_end_id`), both as the payment file gave them.

    `state`: waiting, accepted, rejected, booked (the money left the account) or returned (the money came back). `returned_minor`: how much
    of it came back; None: all.
    """

    end_to_end_id: str
    instr_id: str
    amount_minor: int
    currency: str
    state: str
    returned_minor: int | None = None

    @property
    def is_part(self) -> bool:
        """Less came back than had left."""
        return self.state == "returned" and self.returned_minor not in (None, self.amount_minor)


def read_bank_book(path: Path) -> list[BookTransfer] | None:
    """All transfers in the book; None when there is no book. The bank may be writing at the same time."""
    if not path.is_file() or path.is_symlink():
        return None
    with closing(sqlite3.connect(path, isolation_level=None, timeout=_LOCK_TIMEOUT_SECONDS)) as book:
        book.execute("PRAGMA query_only = ON")
        has_parts = any(column[1] == "returned_minor" for column in book.execute("PRAGMA table_info(transfers)"))
        return [BookTransfer(*row) for row in book.execute(_TRANSFERS.format("returned_minor" if has_parts else "NULL"))]
