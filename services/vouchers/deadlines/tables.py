"""The tables of the deadlines: dates of calls, single deadlines, batches at the bank."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.vouchers.tables.base import Table
from shared.database.base import INSTANT, instant
from shared.database.privileges import fixed
from shared.kernel.vocabulary import MilestoneKind

__all__ = ["BatchRow", "CallDateRow", "CallRow", "MilestoneRow", "Table"]


class CallRow(Table, table=True):
    """A call, with the fields that its calendar needs."""

    __tablename__ = "calls"
    __table_args__ = (fixed("id region slug scheme selection_method policy_id"),)

    id: UUID = Field(primary_key=True)
    region: str = Field(index=True)
    slug: str
    scheme: str
    selection_method: str
    policy_id: str
    ranking_approved_at: datetime | None = instant()


class CallDateRow(Table, table=True):
    """A date of a call. The key stops a second announcement of the same date."""

    __tablename__ = "call_dates"
    __table_args__ = (
        CheckConstraint("reached_at IS NULL OR replaced_at IS NULL", name="reached_or_replaced"),
        CheckConstraint("reached_at >= due_at", name="never_reached_early"),
        fixed("call_id kind due_at"),
    )

    call_id: UUID = Field(sa_column=Column(ForeignKey("calls.id"), primary_key=True))
    kind: str = Field(primary_key=True)
    due_at: datetime = Field(sa_type=INSTANT, primary_key=True)
    reached_at: datetime | None = instant()
    replaced_at: datetime | None = instant()


class MilestoneRow(Table, table=True):
    """The running, or last, deadline of a kind for a subject. A later deadline supersedes it, so there is one of a kind at a time.

    `set_at` is the time of the event that set it, where the events that end it come from the same log.
    """

    __tablename__ = "milestones"
    __table_args__ = (CheckConstraint("reached_at IS NULL OR ended_at IS NULL", name="reached_or_ended"),)

    subject_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    case_id: UUID
    region: str
    policy_id: str
    due_at: datetime = Field(sa_type=INSTANT)
    set_at: datetime | None = instant()
    reached_at: datetime | None = instant()
    ended_at: datetime | None = instant()

    @property
    def application_id(self) -> UUID | None:
        """None for a batch, which pays for several cases."""
        return None if self.kind == MilestoneKind.BANK_SILENCE else self.case_id


class BatchRow(Table, table=True):
    """A batch at the bank. `awaits`: the disbursements that were sent (None: an answer came before BatchSent); `answered`: those that
    the bank has answered on."""

    __tablename__ = "batches"

    id: UUID = Field(primary_key=True)
    awaits: list[UUID] | None = Field(default=None, sa_type=ARRAY(Uuid))
    answered: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))

    @property
    def complete(self) -> bool:
        """True when the batch was sent and the bank has answered on all of it."""
        return self.awaits is not None and set(self.awaits) <= set(self.answered)
