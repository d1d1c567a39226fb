"""The tables of messaging; each service's database has its own."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, FetchedValue, Identity, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.base import INSTANT, PlatformTable


class OutboxRow(PlatformTable, table=True):
    """One published or yet to be published event: together the service's event log, partitioned by month of `recorded_at`.

    `time` is never before that of the key's event before it: a trigger sees to it, since clocks of two machines disagree.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_unpublished", "position", postgresql_where="published_at IS NULL"),
        Index("ix_outbox_case", "correlation_id", "position"),
        Index("ix_outbox_event", "event_id"),
        Index("ix_outbox_key", "key", "position"),
        {"postgresql_partition_by": "RANGE (recorded_at)"},
    )
    # The key is (position, recorded_at), as the partitions want it. Here a row is known by its event's id, which it is given, and
    # nothing is read back: so the events of a command leave in one round trip, in their order.
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
    traceparent: str | None = None
    body: dict[str, Any] = Field(sa_type=JSONB)
    published_at: datetime | None = Field(default=None, sa_type=INSTANT)


class OutboxMarkRow(PlatformTable, table=True):
    """What the broker acknowledged at least in each partition: an end below it means that it lost what it held."""

    __tablename__ = "outbox_marks"

    topic: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    next_offset: int = Field(sa_type=BigInteger)
    refilling: bool = False


class InboxRow(PlatformTable, table=True):
    """An event that took effect here. Its key stops the second effect of a message that comes twice."""

    __tablename__ = "inbox"

    event_id: UUID = Field(primary_key=True)
    received_at: datetime | None = Field(default=None, sa_column=Column(INSTANT, server_default=FetchedValue(), nullable=False))


class ParkedRow(PlatformTable, table=True):
    """An event that came before its predecessor; tried again when something about `awaits` arrives, in `position` order."""

    __tablename__ = "parked"

    event_id: UUID = Field(primary_key=True)
    position: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), unique=True))
    awaits: str = Field(index=True)
    detail: str
    headers: dict[str, str] = Field(sa_type=JSONB)
    topic: str
    body: bytes = Field(sa_type=LargeBinary)
    parked_at: datetime | None = Field(default=None, sa_column=Column(INSTANT, server_default=FetchedValue(), nullable=False))


class DeadLetterRow(PlatformTable, table=True):
    """A message that cannot take effect, with the error; `triptych events replay` brings it back."""

    __tablename__ = "dead_letters"

    id: UUID = Field(primary_key=True)
    headers: dict[str, str] = Field(sa_type=JSONB)
    topic: str
    body: bytes = Field(sa_type=LargeBinary)
    error: str
    attempts: int
    failed_at: datetime | None = Field(default=None, sa_column=Column(INSTANT, server_default=FetchedValue(), nullable=False))
    replayed_at: datetime | None = Field(default=None, sa_type=INSTANT)
