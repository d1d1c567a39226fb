"""Evaluators."""

from datetime import datetime

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evaluation.tables.base import Table
from shared.database.base import INSTANT
from shared.database.privileges import fixed


class EvaluatorRow(Table, table=True):
    """An external expert in one region.

    `relations` is kind → keyed hashes, which can be compared but not read. `relations_since` is hash → the instant (ISO) since when
    it is known; hashes from before that was stored are in `relations` only.
    """

    __tablename__ = "evaluators"
    __table_args__ = (fixed("region id registered_by registered_at"),)

    region: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    languages: list[str] = Field(sa_type=JSONB)
    topics: list[str] = Field(sa_type=JSONB)
    relations: dict[str, list[str]] = Field(sa_type=JSONB)
    relations_since: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSONB, server_default="{}", nullable=False))
    registered_by: str
    registered_at: datetime = Field(sa_type=INSTANT)
