"""Links that make an organisation one undertaking with another firm."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index
from sqlmodel import Field

from services.people.domain.link_corrections import CorrectionState
from services.people.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed, written_once
from shared.kernel.vocabulary import LinkKind
from shared.privacy.sealed import seal_columns, sealed


class UndertakingLinkRow(Table, table=True):
    """A link as an owner declared it, or as the office of `found_in` (a region) found it; it holds from `valid_from` until
    the day before `valid_until`. The other firm need not be known here: `tax_number` is in the national form of `country`. `version` counts
    the events about it."""

    __tablename__ = "undertaking_links"
    __table_args__ = (
        Index("ix_undertaking_links_organisation", "organisation_id", "declared_at"),
        CheckConstraint(one_of("kind", LinkKind), name="ck_undertaking_links_kind"),
        CheckConstraint("valid_until > valid_from", name="ck_undertaking_links_days"),
        CheckConstraint("num_nulls(valid_until, ended_by, ended_at) IN (0, 3)", name="ck_undertaking_links_ended"),
        fixed("id organisation_id kind country valid_from declared_by declared_at found_in"),
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
    found_in: str | None = None


class LinkCorrectionRow(Table, table=True):
    """What an officer of `region` proposes, who reads the case `application_id`: a new link, or with `link_id` the end of that one on
    `valid_until`. `made_id`: the link that was made of it. `words`: why."""

    __tablename__ = "link_corrections"
    __table_args__ = (
        Index("ix_link_corrections_organisation", "organisation_id", "proposed_at"),
        Index("uq_link_corrections_open", "link_id", unique=True, postgresql_where=one_of("state", (CorrectionState.PROPOSED,))),
        CheckConstraint(one_of("state", CorrectionState), name="ck_link_corrections_state"),
        CheckConstraint("num_nulls(link_id, kind) = 1 AND num_nulls(kind, country, valid_from) IN (0, 3)", name="ck_link_corrections_kind"),
        CheckConstraint("(link_id IS NULL) = (valid_until IS NULL)", name="ck_link_corrections_end"),
        CheckConstraint(
            "num_nulls(decided_by, decided_at) = CASE WHEN state = 'proposed' THEN 2 ELSE 0 END", name="ck_link_corrections_decided"
        ),
        CheckConstraint("state <> 'confirmed' OR decided_by <> proposed_by", name="ck_link_corrections_two_persons"),
        CheckConstraint("made_id IS NULL OR state = 'confirmed'", name="ck_link_corrections_made"),
        written_once(but="words tax_number name state decided_by decided_at made_id"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(sa_column=Column(ForeignKey("organisations.id"), nullable=False))
    application_id: UUID = Field(sa_column=Column(ForeignKey("cases.application_id"), nullable=False))
    region: str
    link_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("undertaking_links.id")))
    kind: str | None = None
    country: str | None = None
    tax_number: str | None = sealed(nullable=True)
    name: str | None = sealed(nullable=True)
    valid_from: date | None = None
    valid_until: date | None = None
    words: str | None = sealed(nullable=True)
    proposed_by: UUID = Field(sa_column=Column(ForeignKey("persons.id"), nullable=False))
    proposed_at: datetime = Field(sa_type=INSTANT)
    state: str = CorrectionState.PROPOSED
    decided_by: UUID | None = Field(default=None, sa_column=Column(ForeignKey("persons.id")))
    decided_at: datetime | None = instant()
    made_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("undertaking_links.id")))


seal_columns(UndertakingLinkRow, subject="organisation_id", was_plain=False)
seal_columns(LinkCorrectionRow, subject="organisation_id", was_plain=False)
