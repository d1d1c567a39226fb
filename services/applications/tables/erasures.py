"""Erasures of what is held about an organisation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.applications.tables.base import Table
from shared.database.base import INSTANT, instant
from shared.database.privileges import written_once


class ErasureRow(Table, table=True):
    """Requested by one officer, and in force once another one has confirmed it. The index stops a second request meanwhile."""

    __tablename__ = "erasures"
    __table_args__ = (
        CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="ck_erasures_confirmed"),
        CheckConstraint("confirmed_by <> requested_by", name="ck_erasures_two_persons"),
        Index("uq_erasures_organisation", "organisation_id", unique=True),
        written_once(but="confirmed_by confirmed_at"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID
    region: str
    reason: str
    requested_by: str
    requested_at: datetime = Field(sa_type=INSTANT)
    confirmed_by: str | None = None
    confirmed_at: datetime | None = instant()
