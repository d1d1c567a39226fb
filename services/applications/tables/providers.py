"""Providers of the catalogue, from payments' events."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.applications.tables.base import Table
from shared.database.privileges import fixed
from shared.privacy.sealed import about_subject


class ProviderRow(Table, table=True):
    """A registration as a provider. `keys`: '<kind> <keyed hash>' of what links it to applicants. `step` counts its changes: an older event
    takes no later one back."""

    __tablename__ = "providers"
    __table_args__ = (Index("ix_providers_region", "region", "organisation_id"), fixed("id region organisation_id"))

    id: UUID = Field(primary_key=True)
    region: str
    organisation_id: UUID
    state: str
    step: int
    keys: list[Any] = Field(sa_column=Column(JSONB, nullable=False))


about_subject(ProviderRow, subject="organisation_id")
