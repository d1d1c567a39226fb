"""Batches: payment files to the bank."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, UniqueConstraint
from sqlmodel import Field, col

from services.payments.domain.states import BATCH_TRANSITIONS, BatchState
from services.payments.tables.base import Table, minor, refers
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import written_once
from shared.database.states import guard_transitions
from shared.privacy.sealed import seal_columns, sealed


class BatchRow(Table, table=True):
    """A payment file with its bytes. `state` is sealed until a second person releases it, and sent once it lies in the outgoing folder.

    `imported_at`: the batch was sealed or released after the backup that was restored, and its signed file was found after it.
    `removed_at`: the content of every case that it paid is removed, and so are its bytes; their hash stays.
    """

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint(one_of("state", BatchState), name="known_state"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL AND answer_by IS NOT NULL)", name="sent_with_times"),
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released_by_somebody"),
        CheckConstraint("state <> 'released' OR released_at IS NOT NULL", name="released_with_time"),
        CheckConstraint("(file IS NULL) = (removed_at IS NOT NULL)", name="removed_or_whole"),
        # A trigger lets the file only become empty.
        written_once(but="state sent_at answer_by released_at released_by imported_at file removed_at"),
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
    file: bytes | None = sealed(raw=True, nullable=True)
    execution_on: date
    sealed_at: datetime = Field(sa_type=INSTANT)
    sent_at: datetime | None = instant()
    answer_by: datetime | None = instant()
    imported_at: datetime | None = instant()
    sealed_by: str | None = None
    released_at: datetime | None = instant()
    released_by: str | None = None
    removed_at: datetime | None = instant()


class BatchTransferRow(Table, table=True):
    """A transfer in a batch's file. The key stops an attempt from being ordered in two files."""

    __tablename__ = "batch_transfers"
    __table_args__ = (UniqueConstraint("batch_id", "disbursement_id", name="disbursement_once_a_file"), written_once())

    attempt_id: UUID = Field(sa_column=Column(ForeignKey("attempts.id"), primary_key=True))
    batch_id: UUID = refers("batches.id", index=False)
    disbursement_id: UUID = refers("disbursements.id", index=False)


guard_transitions(col(BatchRow.state), BATCH_TRANSITIONS)
seal_columns(BatchRow, subject="id")  # names many payees: it has a key of its own
