"""Roles of persons and machines in regions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, text
from sqlmodel import Field, col

from services.people.domain.states import GRANT_TRANSITIONS, INVITATION_TRANSITIONS, GrantState, InvitationState
from services.people.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed
from shared.database.states import guard_transitions
from shared.identity.actor import Role
from shared.privacy.sealed import seal_columns, sealed


class RoleGrantRow(Table, table=True):
    """A role that was proposed or given. `decided_by` is None for the first administrator of a region.

    The checks stop a role that somebody gives to themselves, and a decision by the person who proposed; the index a role given twice.
    """

    __tablename__ = "role_grants"
    __table_args__ = (
        Index(
            "one_live_grant", "person_id", "role", "region", unique=True, postgresql_where=text("state IN ('proposed', 'granted')")
        ),
        Index("ix_role_grants_list", "region", "proposed_at", "id"),
        CheckConstraint(one_of("state", GrantState), name="ck_role_grants_state"),
        CheckConstraint(one_of("role", [role for role in Role if role is not Role.APPLICANT]), name="ck_role_grants_role"),
        CheckConstraint("proposed_by <> person_id::text AND decided_by <> person_id::text", name="ck_role_grants_not_own"),
        CheckConstraint("decided_by <> proposed_by", name="ck_role_grants_decided_by_another"),
        CheckConstraint("num_nulls(decided_by, decided_at) IN (0, 2)", name="ck_role_grants_decided"),
        CheckConstraint("num_nulls(ended_by, ended_at) = CASE WHEN state = 'ended' THEN 0 ELSE 2 END", name="ck_role_grants_ended"),
        CheckConstraint("valid_until > valid_from", name="ck_role_grants_period"),
        fixed("id person_id role region valid_from valid_until proposed_by proposed_at"),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(sa_column=Column(ForeignKey("persons.id"), nullable=False))
    role: str
    region: str
    state: str
    valid_from: datetime = Field(sa_type=INSTANT)
    valid_until: datetime | None = instant()
    proposed_by: str
    proposed_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = None
    decided_at: datetime | None = instant()
    ended_by: str | None = None
    ended_at: datetime | None = instant()


class RoleInvitationRow(Table, table=True):
    """A role that is proposed for an e-mail address; `email` and its keyed hash are empty once it is used or withdrawn."""

    __tablename__ = "role_invitations"
    __table_args__ = (
        Index("ix_role_invitations_list", "region", "proposed_at", "id"),
        Index("ix_role_invitations_email", "email_key", postgresql_where=text("state = 'open'")),
        CheckConstraint(one_of("state", InvitationState), name="ck_role_invitations_state"),
        CheckConstraint(one_of("role", [role for role in Role if role is not Role.APPLICANT]), name="ck_role_invitations_role"),
        CheckConstraint(
            "num_nulls(email, email_key) = CASE WHEN state = 'open' THEN 0 ELSE 2 END"
            " AND num_nulls(ended_at) = CASE WHEN state = 'open' THEN 1 ELSE 0 END",
            name="ck_role_invitations_ended",
        ),
        CheckConstraint("valid_until > valid_from", name="ck_role_invitations_period"),
        fixed("id role region valid_from valid_until proposed_by proposed_at expires_at"),
    )

    id: UUID = Field(primary_key=True)
    email: str | None = sealed(nullable=True)
    email_key: str | None = None
    role: str
    region: str
    valid_from: datetime = Field(sa_type=INSTANT)
    valid_until: datetime | None = instant()
    state: str = InvitationState.OPEN
    proposed_by: str
    proposed_at: datetime = Field(sa_type=INSTANT)
    expires_at: datetime = Field(sa_type=INSTANT)
    ended_at: datetime | None = instant()


def _email_key(row: RoleInvitationRow) -> str | None:
    return row.email


guard_transitions(col(RoleGrantRow.state), GRANT_TRANSITIONS)
guard_transitions(col(RoleInvitationRow.state), INVITATION_TRANSITIONS)
seal_columns(RoleInvitationRow, subject="id", digests={"email_key": _email_key}, was_plain=False)
