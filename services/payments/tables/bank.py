"""Files to and from the bank, and what is found in them after a restore."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from services.payments.tables.base import Table, instant, minor, refers
from shared.database.base import INSTANT


class BatchRow(Table, table=True):
    """A bank file with its bytes. `state` is sealed until it lies in the outgoing folder, then sent.

    `found_at`: it was sealed by a database that is lost, and known here again from its file.
    """

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint("state IN ('sealed', 'sent')", name="known_state"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL AND answer_by IS NOT NULL)", name="sent_with_times"),
    )

    id: UUID = Field(primary_key=True)
    region: str = Field(index=True)
    policy_id: str
    currency: str
    debtor_account: str
    state: str = Field(index=True)
    disbursements: int
    total_minor: int = minor()
    file_hash: str
    file: bytes = Field(sa_type=LargeBinary)
    execution_on: date
    sealed_at: datetime = Field(sa_type=INSTANT)
    sent_at: datetime | None = instant()
    answer_by: datetime | None = instant()
    found_at: datetime | None = instant()


class BatchTransferRow(Table, table=True):
    """What stands in a batch's file. The key stops an attempt from being ordered in two files."""

    __tablename__ = "batch_transfers"
    __table_args__ = (UniqueConstraint("batch_id", "disbursement_id", name="disbursement_once_a_file"),)

    attempt_id: UUID = Field(sa_column=Column(ForeignKey("attempts.id"), primary_key=True))
    batch_id: UUID = refers("batches.id", index=False)
    disbursement_id: UUID = refers("disbursements.id", index=False)


class OrphanOrderRow(Table, table=True):
    """A transfer that a bank file orders and that the restored database did not know: the money may have gone, so it is never
    ordered again. `voucher_code` as the file has it; `matched_at` is when an approved attempt was found to be this one.
    The key stops one order from being placed twice.
    """

    __tablename__ = "orphan_orders"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="pays_something"),
        Index("ix_orphan_orders_unmatched", "voucher_code", postgresql_where=text("matched_at IS NULL")),
    )

    attempt_id: UUID = Field(primary_key=True)
    disbursement_id: UUID
    batch_id: UUID = refers("batches.id")
    voucher_code: str
    amount_minor: int = minor()
    currency: str
    matched_at: datetime | None = instant()


class HoldRow(Table, table=True):
    """While a hold is not lifted nothing is sealed or sent. `assurance` says on whose word and what ground it was lifted."""

    __tablename__ = "holds"
    __table_args__ = (CheckConstraint("num_nulls(lifted_at, lifted_by, assurance) IN (0, 3)", name="lifted_by_somebody"),)

    since: datetime = Field(sa_type=INSTANT, primary_key=True)
    reason: str
    lifted_at: datetime | None = instant()
    lifted_by: str | None = None
    assurance: str | None = None


class BankFileRow(Table, table=True):
    """A file that the bank sent. The key stops one that comes twice; `state` is taken or refused (with a reason)."""

    __tablename__ = "bank_files"
    __table_args__ = (CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name="refused_with_reason"),)

    sha256: str = Field(primary_key=True)
    name: str
    message: str
    state: str
    reason: str | None = None
    taken_at: datetime = Field(sa_type=INSTANT)
    lines: int = 0
    applied: int = 0
    unmatched: int = 0


class BankLineRow(Table, table=True):
    """One status or transaction of a bank file and what became of it: applied, repeated, ignored or unmatched (with a reason).

    `resolved` is set when a line that came before what it answers could be applied later.
    """

    __tablename__ = "bank_lines"
    __table_args__ = (
        CheckConstraint("outcome IN ('applied', 'repeated', 'ignored', 'unmatched')", name="known_outcome"),
        Index("ix_bank_lines_unmatched", "region", postgresql_where=text("outcome = 'unmatched'")),
        Index("ix_bank_lines_waiting", "attempt_id", postgresql_where=text("outcome = 'unmatched' AND attempt_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    file_sha256: str = Field(sa_column=Column(ForeignKey("bank_files.sha256"), nullable=False, index=True))
    line: int
    outcome: str
    reason: str
    happening: str
    region: str | None = None
    attempt_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("attempts.id")))
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = None
    on: date | None = None
    bank_reason: str | None = None
    bank_reference: str | None = None
    end_to_end_id: str | None = None
    instr_id: str | None = None
    pmt_inf_id: str | None = None
