"""Persons who act for an organisation, from people's events."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.applications.tables.base import Table
from shared.database.base import INSTANT
from shared.database.privileges import written_once


class MemberRow(Table, table=True):
    """A member of an organisation, or one who `has_left` it. `changed_at` is the time of the newest event about both."""

    __tablename__ = "members"
    __table_args__ = (written_once(but="has_left changed_at"),)

    organisation_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    has_left: bool
    changed_at: datetime = Field(sa_type=INSTANT)
