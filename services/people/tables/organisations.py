"""Organisations, their members, and invitations by e-mail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field, col

from services.people.domain.states import INVITATION_TRANSITIONS, InvitationState
from services.people.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed
from shared.database.states import guard_transitions
from shared.kernel.vocabulary import MemberRole
from shared.privacy.sealed import seal_columns, sealed


class OrganisationRow(Table, table=True):
    """An organisation that applies. `tax_key` is the keyed hash of country and canonical tax number, which stops a second registration.

    `seat`: street, postcode, town, country. `size`: staff, turnover and balance of the last closed accounts. `version` counts changes.
    """

    __tablename__ = "organisations"
    __table_args__ = (
        UniqueConstraint("tax_key", name="one_organisation_per_tax_number"),
        CheckConstraint("version > 0", name="ck_organisations_version"),
        fixed("id country registered_by registered_at"),
    )

    id: UUID = Field(primary_key=True)
    country: str
    tax_number: str = sealed()
    tax_key: str = ""
    name: str = sealed()
    seat: dict[str, Any] = sealed()
    size: dict[str, Any] = sealed()
    nuts: str
    activity_code: str
    version: int = 1
    registered_by: UUID = Field(sa_column=Column(ForeignKey("persons.id"), nullable=False))
    registered_at: datetime = Field(sa_type=INSTANT)
    changed_at: datetime = Field(sa_type=INSTANT)


class MembershipRow(Table, table=True):
    """A person acts for an organisation from `since` to `ended_at`. The index stops a second membership at the same time."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index("one_open_membership", "organisation_id", "person_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_memberships_person", "person_id"),
        CheckConstraint(one_of("role", MemberRole), name="ck_memberships_role"),
        CheckConstraint("num_nulls(ended_at, ended_by) IN (0, 2)", name="ck_memberships_ended"),
        fixed("id organisation_id person_id since invitation_id"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(sa_column=Column(ForeignKey("organisations.id"), nullable=False))
    person_id: UUID = Field(sa_column=Column(ForeignKey("persons.id"), nullable=False))
    role: str
    since: datetime = Field(sa_type=INSTANT)
    invitation_id: UUID | None = None
    ended_at: datetime | None = instant()
    ended_by: str | None = None


class InvitationRow(Table, table=True):
    """An invitation to act for an organisation. `secret_hash`: of the link's secret, which only the mail has. `email` and its keyed hash
    are empty once the person who has the address has closed the account."""

    __tablename__ = "invitations"
    __table_args__ = (
        Index("ix_invitations_organisation", "organisation_id", "invited_at"),
        CheckConstraint(one_of("state", InvitationState), name="ck_invitations_state"),
        CheckConstraint(one_of("role", MemberRole), name="ck_invitations_role"),
        CheckConstraint("num_nulls(ended_by, ended_at) = CASE WHEN state = 'open' THEN 2 ELSE 0 END", name="ck_invitations_ended"),
        fixed("id organisation_id role language secret_hash invited_by invited_at expires_at"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(sa_column=Column(ForeignKey("organisations.id"), nullable=False))
    email: str | None = sealed(nullable=True)
    email_key: str | None = Field(default=None, index=True)
    role: str
    language: str
    secret_hash: str = Field(unique=True)
    state: str = InvitationState.OPEN
    invited_by: UUID = Field(sa_column=Column(ForeignKey("persons.id"), nullable=False))
    invited_at: datetime = Field(sa_type=INSTANT)
    expires_at: datetime = Field(sa_type=INSTANT)
    ended_by: str | None = None
    ended_at: datetime | None = instant()


def _tax_key(row: OrganisationRow) -> str:
    return f"{row.country} {row.tax_number}"


def _email_key(row: InvitationRow) -> str | None:
    return row.email


guard_transitions(col(InvitationRow.state), INVITATION_TRANSITIONS)
seal_columns(OrganisationRow, subject="id", digests={"tax_key": _tax_key}, was_plain=False)
seal_columns(InvitationRow, subject="organisation_id", digests={"email_key": _email_key}, was_plain=False)
