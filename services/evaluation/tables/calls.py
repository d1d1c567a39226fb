"""Calls, and the queue of a first-come call."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, col

from services.evaluation.domain.states import QUEUE_TRANSITIONS, QueueState
from services.evaluation.tables.base import Table
from shared.database.base import INSTANT, one_of
from shared.database.privileges import fixed, written_once
from shared.database.states import guard_transitions
from shared.kernel.vocabulary import SelectionMethod


class CallRow(Table, table=True):
    """A call and its progress. The nonce is published only with the approved list, and stored encrypted (`queries/nonce.py`).
    `envelope_minor` is what the call was published with, `change_minor` what was added to it since, or taken from it;
    `issued_envelope_minor` what it had when the decisions on a list were issued.
    `appeal_term_over_at`: no appeal may be lodged any more; `appeals_over_at`: all were decided too, and decisions were issued.
    `revision_since`: a conflict of interest was found after the approval of the list, and no other list has taken its place yet.
    `unspent_minor`: what no award takes although somebody is on the reserve list; 0 when nobody is."""

    __tablename__ = "calls"
    __table_args__ = (
        CheckConstraint(one_of("selection_method", SelectionMethod), name="selection_method"),
        CheckConstraint("envelope_minor > 0", name="envelope"),
        # Without a commitment made beforehand, the seed of the draw could be chosen to get a wanted order.
        CheckConstraint("(selection_method = 'first-come') = (nonce IS NULL) AND (nonce IS NULL) = (nonce_hash IS NULL)", name="nonce"),
        CheckConstraint("(eligible IS NULL) = (eligible_hash IS NULL)", name="screening"),
        fixed("id slug region scheme policy_id selection_method currency envelope_minor opens_at nonce_hash published_at"),
    )

    id: UUID = Field(primary_key=True)
    slug: str
    region: str
    scheme: str
    policy_id: str
    selection_method: str
    currency: str
    envelope_minor: int = Field(sa_type=BigInteger)
    change_minor: int = Field(default=0, sa_type=BigInteger)
    issued_envelope_minor: int | None = Field(default=None, sa_type=BigInteger)
    opens_at: datetime = Field(sa_type=INSTANT)
    closes_at: datetime = Field(sa_type=INSTANT)
    evaluation_due_at: datetime = Field(sa_type=INSTANT)
    reserve_list_ends_at: datetime = Field(sa_type=INSTANT)
    nonce: str | None = None
    nonce_hash: str | None = None
    published_at: datetime = Field(sa_type=INSTANT)
    closed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    submitted: int | None = None
    eligible: int | None = None
    eligible_hash: str | None = None
    complete_at: datetime | None = Field(default=None, sa_type=INSTANT)
    next_sequence: int = 1
    overdue_at: datetime | None = Field(default=None, sa_type=INSTANT)
    appeal_term_over_at: datetime | None = Field(default=None, sa_type=INSTANT)
    appeals_over_at: datetime | None = Field(default=None, sa_type=INSTANT)
    reserve_ended_at: datetime | None = Field(default=None, sa_type=INSTANT)
    released_at: datetime | None = Field(default=None, sa_type=INSTANT)
    revision_since: datetime | None = Field(default=None, sa_type=INSTANT)
    unspent_minor: int = Field(default=0, sa_type=BigInteger)

    @property
    def budget_minor(self) -> int:
        """The envelope as it is now."""
        return self.envelope_minor + self.change_minor


class EnvelopeChangeRow(Table, table=True):
    """A change of a call's envelope, or one side of a transfer. The key stops one from being counted twice."""

    __tablename__ = "envelope_changes"
    __table_args__ = written_once()

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    change_id: UUID = Field(primary_key=True)
    change_minor: int = Field(sa_type=BigInteger)
    recorded_at: datetime = Field(sa_type=INSTANT)


class QueueEntryRow(Table, table=True):
    """An application in the queue of a first-come call. Two at one sequence, or one at two, would jump the queue. `requested_minor` and
    `organisation_id` are None until its submission has arrived, and of those from before they were kept."""

    __tablename__ = "queue_entries"
    __table_args__ = (
        CheckConstraint(one_of("state", QueueState), name="state"),
        CheckConstraint("sequence > 0", name="sequence"),
        CheckConstraint("requested_minor > 0", name="asks_for_something"),
        Index("one_place_per_application", "application_id", unique=True, postgresql_where=text("state <> 'moved'")),
        fixed("call_id sequence application_id"),
    )

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    sequence: int = Field(primary_key=True)
    application_id: UUID
    state: str
    requested_minor: int | None = Field(default=None, sa_type=BigInteger)
    organisation_id: UUID | None = None


guard_transitions(col(QueueEntryRow.state), QUEUE_TRANSITIONS)
