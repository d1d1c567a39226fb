"""The ledger: accounts, entries and their postings."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, UniqueConstraint
from sqlmodel import Field

from services.payments.domain.ledger import LedgerAccount
from services.payments.tables.base import Table, minor, refers
from shared.database.base import INSTANT, one_of
from shared.database.privileges import written_once


class LedgerAccountRow(Table, table=True):
    """One of a call's six accounts: funding, available, reserved, committed, paid, recovered."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint("call_id", "name", name="one_account_per_name"),
        CheckConstraint(one_of("name", LedgerAccount), name="known_account"),
        written_once(),
    )

    id: UUID = Field(primary_key=True)
    call_id: UUID = refers("envelopes.call_id", index=False)
    name: str
    currency: str


class LedgerEntryRow(Table, table=True):
    """One movement. Its id is derived from what moved, so that the same movement cannot be written twice."""

    __tablename__ = "ledger_entries"
    __table_args__ = (Index("ix_ledger_entries_call", "call_id", "position"), Index("ix_ledger_entries_at", "at"), written_once())

    id: UUID = Field(primary_key=True)
    position: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), unique=True))
    call_id: UUID = refers("envelopes.call_id", index=False)
    voucher_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("vouchers.id"), index=True))
    kind: str
    at: datetime = Field(sa_type=INSTANT)


class LedgerPostingRow(Table, table=True):
    """One side of an entry. Triggers of the migration hold the rest: an entry's postings add up to zero, and none ever changes."""

    __tablename__ = "ledger_postings"
    __table_args__ = (CheckConstraint("amount_minor <> 0", name="moves_something"), written_once())

    entry_id: UUID = Field(sa_column=Column(ForeignKey("ledger_entries.id"), primary_key=True))
    account_id: UUID = Field(sa_column=Column(ForeignKey("ledger_accounts.id"), primary_key=True, index=True))
    amount_minor: int = minor()
