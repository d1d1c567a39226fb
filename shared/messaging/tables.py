"""The tables of messaging; each service's database has its own."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, FetchedValue, Identity, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.base import INSTANT, PlatformTable
from shared.database.privileges import removable, written_once


class OutboxRow(PlatformTable, table=True):
    """One event, published or not yet. All rows together are the service's event log, partitioned by month of `recorded_at`.

    `time` never runs backwards within a key: a trigger enforces it, because the clocks of two machines differ. `mac` proves that a
    process of the service wrote the row (`mac.py`); only rows from before there were MACs have none. `traceparent` is the trace in which
    it was written, for operators (`shared/telemetry/tracing.py`); neither MAC nor hash chain covers it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_unpublished", "position", postgresql_where="published_at IS NULL"),
        Index("ix_outbox_case", "correlation_id", "position"),
        Index("ix_outbox_event", "event_id"),
        Index("ix_outbox_key", "key", "position"),
        {"postgresql_partition_by": "RANGE (recorded_at)", **written_once(but="published_at")},
    )
    # The database key is (position, recorded_at), because the table is partitioned. The mapper uses the event's id and reads nothing
    # back. Services write their events without it (`unwritten.py`).
    __mapper_args__: ClassVar[dict[str, Any]] = {"eager_defaults": False}

    position: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    recorded_at: datetime | None = Field(default=None, sa_column=Column(INSTANT, server_default=FetchedValue(), nullable=False))
    event_id: UUID = Field(primary_key=True)
    topic: str
    key: UUID
    type: str
    time: datetime = Field(sa_type=INSTANT)
    actor: str
    reason: str
    policy_id: str
    correlation_id: UUID
    causation_id: UUID | None = None
    body: dict[str, Any] = Field(sa_type=JSONB)
    mac: bytes | None = Field(default=None, sa_type=LargeBinary)
    traceparent: str | None = None
    published_at: datetime | None = Field(default=None, sa_type=INSTANT)


class OutboxCheckpointRow(PlatformTable, table=True):
    """The lowest end offset that a partition must report, since the broker acknowledged that much. A lower one means data loss.

    `republishing` is set while the whole log is being published again, so that an interrupted run starts over. `key_id` names the key
    that signed what the partition holds; the relay of another key publishes the whole log again.
    """

    __tablename__ = "outbox_checkpoints"
    __table_args__ = removable()

    topic: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    next_offset: int = Field(sa_type=BigInteger)
    republishing: bool = False
    key_id: str = Field(default="", sa_column_kwargs={"server_default": ""})


class ChainLinkRow(PlatformTable, table=True):
    """A link of a hash chain over rows that only grow: see `shared/messaging/chain.py`. `linked_at` is real time."""

    __tablename__ = "chain_links"
    __table_args__ = (CheckConstraint("rows > 0", name="ck_chain_links_rows"), written_once())

    chain: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    last_position: int = Field(sa_type=BigInteger)
    rows: int
    hash: str
    linked_at: datetime | None = Field(default=None, sa_column=Column(INSTANT, server_default=FetchedValue(), nullable=False))


class InboxRow(PlatformTable, table=True):
    """The id of an event that took effect here. The key stops a second effect when the message is delivered twice."""

    __tablename__ = "inbox"
    __table_args__ = written_once()

    event_id: UUID = Field(primary_key=True)
    received_at: datetime | None = Field(default=None, sa_column=Column(INSTANT, server_default=FetchedValue(), nullable=False))


class ParkedRow(PlatformTable, table=True):
    """An event that arrived before its predecessor; retried in `position` order when an event about `awaits` arrives."""

    __tablename__ = "parked"
    __table_args__ = removable()

    event_id: UUID = Field(primary_key=True)
    position: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), unique=True))
    awaits: str = Field(index=True)
    detail: str
    headers: dict[str, str] = Field(sa_type=JSONB)
    topic: str
    key: bytes = Field(sa_type=LargeBinary, sa_column_kwargs={"server_default": ""})
    body: bytes = Field(sa_type=LargeBinary)
    parked_at: datetime | None = Field(default=None, sa_column=Column(INSTANT, server_default=FetchedValue(), nullable=False))


class DeadLetterRow(PlatformTable, table=True):
    """A message that cannot take effect, with its first error; `triptych events replay` requeues it. Later errors are in the event log."""

    __tablename__ = "dead_letters"
    __table_args__ = written_once(but="attempts replayed_at")

    id: UUID = Field(primary_key=True)
    headers: dict[str, str] = Field(sa_type=JSONB)
    topic: str
    key: bytes = Field(sa_type=LargeBinary, sa_column_kwargs={"server_default": ""})
    body: bytes = Field(sa_type=LargeBinary)
    error: str
    attempts: int
    failed_at: datetime | None = Field(default=None, sa_column=Column(INSTANT, server_default=FetchedValue(), nullable=False))
    replayed_at: datetime | None = Field(default=None, sa_type=INSTANT)
