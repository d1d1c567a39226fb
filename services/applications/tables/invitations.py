"""Invitations to submit an application, of those whose expression of interest was chosen."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.applications.tables.base import Table
from shared.database.base import INSTANT
from shared.database.privileges import written_once


class InvitationRow(Table, table=True):
    """The organisation of the expression of interest `expression_id` may apply in the call `call_id`: every member of it, and once.
    `ends_at`: when the time of the policy to submit is over; None where it is the close of the call."""

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint("ends_at > invited_at", name="ck_invitations_time"),
        Index("ix_invitations_organisation", "organisation_id", "call_id"),
        Index("ix_invitations_call", "call_id", "invited_at", "expression_id"),
        written_once(),
    )

    expression_id: UUID = Field(primary_key=True, foreign_key="applications.id")
    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    region: str
    organisation_id: UUID
    invited_at: datetime = Field(sa_type=INSTANT)
    ends_at: datetime | None = Field(default=None, sa_type=INSTANT)
