"""What the bank, or who paid in, says about a line in words."""

from uuid import UUID

from sqlalchemy import Column, ForeignKey
from sqlmodel import Field

from services.payments.tables.base import Table
from shared.database.privileges import removable
from shared.privacy.sealed import seal_columns, sealed


class BankWordsRow(Table, table=True):
    """`words`: as `domain/bank_words.py` makes them; they may name persons, so they are encrypted. `subject_id`: the payee of the payment
    that the line is about, whose key it is; where the line names no payment of ours, an id derived from its file.

    They are emptied with the content of the case, and removed with the file that they came in.
    """

    __tablename__ = "bank_words"
    __table_args__ = (removable(changing="words"),)

    line_id: UUID = Field(sa_column=Column(ForeignKey("bank_lines.id"), primary_key=True))
    subject_id: UUID = Field(index=True)
    region: str | None = None
    words: dict[str, list[str]] | None = sealed(nullable=True)


seal_columns(BankWordsRow, subject="subject_id", was_plain=False)
