"""The ledger: accounts, entries and their postings."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, UniqueConstraint
from sqlmodel import Field

from services.payments.domain.ledger import LedgerAccount, RegionAccount
from services.payments.tables.base import Table, minor
from shared.database.base import INSTANT, one_of
from shared.database.privileges import written_once


class LedgerAccountRow(Table, table=True):
    """One of a call's six accounts (funding, available, reserved, committed, paid, recovered), or of a region's six by currency
    (clearing, income, suspense, deposits, charges, receivable)."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint("call_id", "name", name="one_account_per_name"),
        UniqueConstraint("region", "name", "currency", name="one_account_of_region"),
        CheckConstraint(one_of("name", (*LedgerAccount, *RegionAccount)), name="known_account"),
        CheckConstraint("num_nulls(call_id, region) = 1", name="account_of_call_or_region"),
        written_once(),
    )

    id: UUID = Field(primary_key=True)
    call_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("envelopes.call_id")))
    region: str | None = None
    name: str
    currency: str


class LedgerEntryRow(Table, table=True):
    """One movement. Its id is derived from what moved, so that the same movement cannot be written twice. `line_id`: the line of the bank
    that an entry of a region books."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index("ix_ledger_entries_call", "call_id", "position"),
        Index("ix_ledger_entries_at", "at"),
        CheckConstraint("num_nulls(call_id, region) = 1", name="entry_of_call_or_region"),
        CheckConstraint("(region IS NULL) = (line_id IS NULL)", name="entry_of_region_has_a_line"),
        written_once(),
    )

    id: UUID = Field(primary_key=True)
    position: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), unique=True))
    call_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("envelopes.call_id")))
    region: str | None = None
    line_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("bank_lines.id"), index=True))
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
