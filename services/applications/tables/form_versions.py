"""Submitted versions of forms."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.applications.tables.base import Table
from shared.database.base import INSTANT
from shared.database.privileges import written_once


class FormVersionRow(Table, table=True):
    """The form as it was submitted, never changed. `changed` are the paths of the answers that differ from the version before it;
    `sequence` is the place in the call that this version has."""

    __tablename__ = "form_versions"
    __table_args__ = (written_once(),)

    application_id: UUID = Field(primary_key=True, foreign_key="applications.id")
    revision: int = Field(primary_key=True)
    sequence: int
    form: dict[str, Any] = Field(sa_type=JSONB)
    changed: list[str] = Field(sa_type=JSONB)
    submitted_at: datetime = Field(sa_type=INSTANT)
