"""Imported rows."""

from uuid import UUID

from sqlmodel import Field

from services.applications.tables.base import Table
from shared.database.privileges import written_once


class ImportRow(Table, table=True):
    """A row of a list that became an application: the same row of the same list is imported only once."""

    __tablename__ = "imports"
    __table_args__ = written_once()

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    row_key: str = Field(primary_key=True)
    content_hash: str
    application_id: UUID = Field(foreign_key="applications.id", unique=True)
