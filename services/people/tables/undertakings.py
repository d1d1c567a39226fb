"""Links that make an organisation one undertaking with another firm."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index
from sqlmodel import Field

from services.people.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed
from shared.kernel.vocabulary import LinkKind
from shared.privacy.sealed import seal_columns, sealed


class UndertakingLinkRow(Table, table=True):
    """A link as an owner declared it; it holds from `valid_from` until the day before `valid_until`. The other firm need not be known here:
    `tax_number` is in the national form of `country`. `version` counts the events about it."""

    __tablename__ = "undertaking_links"
    __table_args__ = (
        Index("ix_undertaking_links_organisation", "organisation_id", "declared_at"),
        CheckConstraint(one_of("kind", LinkKind), name="ck_undertaking_links_kind"),
        CheckConstraint("valid_until > valid_from", name="ck_undertaking_links_days"),
        CheckConstraint("num_nulls(valid_until, ended_by, ended_at) IN (0, 3)", name="ck_undertaking_links_ended"),
        fixed("id organisation_id kind country valid_from declared_by declared_at"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(sa_column=Column(ForeignKey("organisations.id"), nullable=False))
    kind: str
    country: str
    tax_number: str | None = sealed(nullable=True)
    name: str | None = sealed(nullable=True)
    valid_from: date
    valid_until: date | None = None
    version: int = 1
    declared_by: UUID = Field(sa_column=Column(ForeignKey("persons.id"), nullable=False))
    declared_at: datetime = Field(sa_type=INSTANT)
    ended_by: UUID | None = Field(default=None, sa_column=Column(ForeignKey("persons.id")))
    ended_at: datetime | None = instant()


seal_columns(UndertakingLinkRow, subject="organisation_id", was_plain=False)
