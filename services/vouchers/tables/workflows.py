"""What makes repeated steps and late signals of workflows harmless."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, FetchedValue
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.vouchers.tables.base import Table
from shared.database.base import INSTANT
from shared.database.privileges import written_once


class StepRow(Table, table=True):
    """The result of a workflow step. The key stops a second effect of an activity that is repeated after a crash. Each run of a
    workflow counts its own steps: one that was reset, or started again, reads the rows instead of the results of the run before it."""

    __tablename__ = "steps"
    __table_args__ = written_once()

    workflow_id: str = Field(primary_key=True)
    run_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    name: str
    result: dict[str, Any] = Field(sa_type=JSONB)


class LateSignalRow(Table, table=True):
    """A signal for a workflow that has ended: recorded, not acted upon."""

    __tablename__ = "late_signals"
    __table_args__ = written_once()

    event_id: UUID = Field(primary_key=True)
    workflow_id: str = Field(index=True)
    signal: str
    recorded_at: datetime | None = Field(default=None, sa_column=Column(INSTANT, server_default=FetchedValue(), nullable=False))
