"""Files from the bank and their lines."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, text
from sqlmodel import Field, col

from services.payments.domain.bank_lines import LineOutcome
from services.payments.domain.contradictions import RESOLUTIONS
from services.payments.domain.refused_files import FileAct
from services.payments.domain.states import UPLOAD_TRANSITIONS, UploadState
from services.payments.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed, written_once
from shared.database.states import guard_transitions
from shared.privacy.sealed import seal_columns, sealed


class BankFileRow(Table, table=True):
    """A file that the bank sent. The key stops a file that comes twice; `state` is taken or refused (with a reason, and the `place` at
    fault in it where that is known). `upload_id`: two persons took it; without one it came by the bank's folder. Of a refused one:
    `dismissed`: nobody has to look at it; `retry_at`: a person has asked that it is read once more."""

    __tablename__ = "bank_files"
    __table_args__ = (
        CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name="refused_with_reason"),
        CheckConstraint("state = 'refused' OR (NOT dismissed AND retry_at IS NULL)", name="only_a_refused_file"),
        Index("ix_bank_files_refused", "taken_at", postgresql_where=text("state = 'refused'")),
    )

    sha256: str = Field(primary_key=True)
    name: str
    message: str
    state: str
    reason: str | None = None
    taken_at: datetime = Field(sa_type=INSTANT)
    lines: int = 0
    applied: int = 0
    unmatched: int = 0
    removed_at: datetime | None = instant()
    place: str | None = None
    upload_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("bank_uploads.id"), unique=True))
    dismissed: bool = False
    retry_at: datetime | None = instant()


class BankFileActRow(Table, table=True):
    """What a person decided about a refused file."""

    __tablename__ = "bank_file_acts"
    __table_args__ = (CheckConstraint(one_of("act", FileAct), name="known_act"), written_once())

    id: UUID = Field(primary_key=True)
    file_sha256: str = Field(sa_column=Column(ForeignKey("bank_files.sha256"), nullable=False, index=True))
    act: str
    reason: str
    by: str
    at: datetime = Field(sa_type=INSTANT)


class BankUploadRow(Table, table=True):
    """A file of the bank that a person of finance uploaded: a second one confirms it, and only then it is imported. `region`: of whose
    account and payments it is. A file that could not be read is kept as refused, by its hash alone, with the reason and the `place` at
    fault, and is of no region.

    The index stops a file that waits twice, the checks a confirmation by who uploaded it, and a decision by nobody. The content is
    encrypted, because it names payees; it goes when it is rejected, or with the last case in it.
    """

    __tablename__ = "bank_uploads"
    __table_args__ = (
        Index("one_open_upload", "sha256", unique=True, postgresql_where=text("state = 'proposed'")),
        Index("ix_bank_uploads_list", "proposed_at", "id"),
        Index("ix_bank_uploads_sha256", "sha256"),
        CheckConstraint(one_of("state", UploadState), name="known_state"),
        CheckConstraint(
            "num_nulls(decided_by, decided_at) = CASE WHEN state IN ('proposed', 'refused') THEN 2 ELSE 0 END", name="decided_by_somebody"
        ),
        CheckConstraint("state <> 'confirmed' OR decided_by <> proposed_by", name="confirmed_by_another"),
        CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name="refused_with_reason"),
        CheckConstraint("(state = 'refused') = (region IS NULL)", name="read_for_a_region"),
        CheckConstraint("(content IS NULL) = (removed_at IS NOT NULL)", name="removed_or_whole"),
        written_once(but="state decided_by decided_at content removed_at"),
    )

    id: UUID = Field(primary_key=True)
    sha256: str
    name: str
    size_bytes: int = Field(sa_type=BigInteger)
    message: str = ""
    lines: int = 0
    region: str | None = None
    content: bytes | None = sealed(raw=True, nullable=True)
    removed_at: datetime | None = instant()
    state: str = UploadState.PROPOSED
    reason: str | None = None
    place: str | None = None
    proposed_by: str
    proposed_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = None
    decided_at: datetime | None = instant()


class BankLineRow(Table, table=True):
    """One status or transaction of a bank file and its outcome, with a reason.

    The outcome of an unmatched line changes when it is applied later: a return read before its booking, an answer to an orphan order.
    `voucher_id` and `disbursement_id` are what an unmatched line names: while it is open, neither applied nor resolved by a person, it
    freezes that payment, or all payments of the voucher. `batch_id`: it names no payment of this batch; it freezes all of them unless its
    amount is what is ordered there and not rejected. `recovery_id`: a credit that quotes a recovery. `evidence`: why it was matched or not,
    as codes of `domain/line_evidence.py`; None for a line from before they were kept. `covers`: of how many transfers the status of a whole
    order is said to be; kept where the order was not known when it was read.
    """

    __tablename__ = "bank_lines"
    __table_args__ = (
        CheckConstraint(one_of("outcome", LineOutcome), name="known_outcome"),
        CheckConstraint(one_of("resolution", RESOLUTIONS), name="known_resolution"),
        CheckConstraint("num_nulls(resolution, resolved_at, resolved_by) IN (0, 3)", name="resolved_by_somebody"),
        Index("ix_bank_lines_unmatched", "region", postgresql_where=text("outcome = 'unmatched'")),
        Index("ix_bank_lines_waiting", "attempt_id", postgresql_where=text("outcome = 'unmatched' AND attempt_id IS NOT NULL")),
        Index("ix_bank_lines_attempt", "attempt_id", postgresql_where=text("attempt_id IS NOT NULL AND amount_minor IS NOT NULL")),
        Index("ix_bank_lines_batch", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
        Index("ix_bank_lines_open", "voucher_id", postgresql_where=text("outcome = 'unmatched' AND resolved_at IS NULL")),
        fixed("id file_sha256 line payment_event amount_minor currency on bank_reference end_to_end_id instr_id pmt_inf_id covers"),
    )

    id: UUID = Field(primary_key=True)
    file_sha256: str = Field(sa_column=Column(ForeignKey("bank_files.sha256"), nullable=False, index=True))
    line: int
    outcome: str
    reason: str
    payment_event: str
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
    voucher_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("vouchers.id")))
    disbursement_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("disbursements.id")))
    batch_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("batches.id")))
    recovery_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("recoveries.id", use_alter=True)))
    resolution: str | None = None
    resolved_at: datetime | None = instant()
    resolved_by: str | None = None
    evidence: str | None = None
    covers: int | None = Field(default=None, sa_type=BigInteger)


class StatementRow(Table, table=True):
    """One account's statement in a bank file: it has all bookings of `first_day` to `last_day`."""

    __tablename__ = "statements"
    __table_args__ = (Index("ix_statements_account", "account", "last_day"), written_once())

    id: UUID = Field(primary_key=True)
    file_sha256: str = Field(sa_column=Column(ForeignKey("bank_files.sha256"), nullable=False))
    account: str
    first_day: date
    last_day: date


guard_transitions(col(BankUploadRow.state), UPLOAD_TRANSITIONS)
seal_columns(BankUploadRow, subject="id", was_plain=False)  # names many payees: it has a key of its own
