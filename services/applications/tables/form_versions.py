"""Submitted versions of forms."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.applications.tables.base import Table
from shared.database.base import INSTANT
from shared.database.privileges import written_once
from shared.privacy.sealed import seal_columns, sealed


class FormVersionRow(Table, table=True):
    """A form as it was submitted, never changed: a trigger lets only a form that is in clear be encrypted, and any form
    become empty, when the content of its case is removed. The first version is stored when the application is returned; until then it
    is the form of the application, which another trigger holds fixed.

    `changed` are the paths of the answers that differ from the version before it, `rewritten` those of them that had been answered;
    `sequence` is the place in the call that this version has."""

    __tablename__ = "form_versions"
    __table_args__ = (written_once(but="form"),)

    application_id: UUID = Field(primary_key=True, foreign_key="applications.id")
    revision: int = Field(primary_key=True)
    sequence: int
    organisation_id: UUID
    region: str
    form: dict[str, Any] | None = sealed(nullable=True)
    changed: list[str] = Field(sa_type=JSONB)
    rewritten: list[str] = Field(sa_type=JSONB)
    submitted_at: datetime = Field(sa_type=INSTANT)


seal_columns(FormVersionRow, subject="organisation_id")
