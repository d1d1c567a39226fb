"""Approved lists."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evaluation.tables.base import Table
from shared.database.base import INSTANT
from shared.database.privileges import written_once


class RankingRow(Table, table=True):
    """The approved list of a call, byte for byte as it was hashed. Its key stops a second approval."""

    __tablename__ = "rankings"
    __table_args__ = written_once()

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    list_hash: str
    list_text: str
    seed: str
    approved_by: str
    approved_at: datetime = Field(sa_type=INSTANT)
    outcomes: dict[str, str] = Field(sa_type=JSONB)
