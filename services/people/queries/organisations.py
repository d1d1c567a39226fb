"""Organisations as their members see them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, false, func, or_, select
from sqlmodel import col

from services.people.domain.memberships import check_member, check_owner
from services.people.domain.states import InvitationState
from services.people.queries.persons import actor_person
from services.people.queries.views import InvitationView, MemberView, OrganisationView, OwnOrganisationView
from services.people.tables import InvitationRow, MembershipRow, OrganisationRow, PersonRow
from shared.kernel.vocabulary import MemberRole
from shared.messaging.context import Context


async def role_in(context: Context, organisation_id: UUID, person_id: UUID) -> MemberRole | None:
    """What the person may do for the organisation; None for who is no member."""
    query = select(col(MembershipRow.role)).where(
        col(MembershipRow.organisation_id) == organisation_id,
        col(MembershipRow.person_id) == person_id,
        col(MembershipRow.ended_at).is_(None),
    )
    role = await context.session.scalar(query)
    return None if role is None else MemberRole(role)


async def members_of(context: Context, organisation_id: UUID) -> dict[str, MemberRole]:
    """Person → role, of the members of this moment whose accounts are open."""
    query = (
        select(col(MembershipRow.person_id), col(MembershipRow.role))
        .join(PersonRow, col(PersonRow.id) == col(MembershipRow.person_id))
        .where(
            col(MembershipRow.organisation_id) == organisation_id,
            col(MembershipRow.ended_at).is_(None),
            col(PersonRow.ended_at).is_(None),
        )
    )
    return {str(person): MemberRole(role) for person, role in await context.session.execute(query)}


async def own_organisations(context: Context, person_id: UUID) -> list[OwnOrganisationView]:
    """Those for which the person may act, by name."""
    query = (
        select(OrganisationRow, col(MembershipRow.role))
        .join(MembershipRow, col(MembershipRow.organisation_id) == col(OrganisationRow.id))
        .where(col(MembershipRow.person_id) == person_id, col(MembershipRow.ended_at).is_(None))
    )
    found = (await context.session.execute(query)).all()
    views = [OwnOrganisationView(id=row.id, name=row.name, role=MemberRole(role)) for row, role in found]
    return sorted(views, key=lambda view: ((view.name or "").casefold(), view.id))


async def organisations_of(context: Context, person_id: UUID) -> list[UUID]:
    """Those for which the person may act, in the order of their ids."""
    query = select(col(MembershipRow.organisation_id)).where(
        col(MembershipRow.person_id) == person_id, col(MembershipRow.ended_at).is_(None)
    )
    return list(await context.session.scalars(query.order_by(col(MembershipRow.organisation_id))))


async def count_of_organisations(context: Context, person_id: UUID) -> int:
    query = select(func.count()).where(col(MembershipRow.person_id) == person_id, col(MembershipRow.ended_at).is_(None))
    return await context.session.scalar(query) or 0


async def read_organisation(context: Context, organisation_id: UUID) -> OrganisationView:
    """For its members: `Forbidden` 'not-a-member' for others, whether there is such an organisation or not."""
    role = await role_in(context, organisation_id, actor_person(context))
    check_member(role)
    row = await context.session.get_one(OrganisationRow, organisation_id)
    return organisation_view(row)


def organisation_view(row: OrganisationRow) -> OrganisationView:
    return OrganisationView.model_validate(row, from_attributes=True)


async def list_members(context: Context, organisation_id: UUID) -> list[MemberView]:
    """For members; the longest members first."""
    check_member(await role_in(context, organisation_id, actor_person(context)))
    query = (
        select(MembershipRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == col(MembershipRow.person_id))
        .where(col(MembershipRow.organisation_id) == organisation_id, col(MembershipRow.ended_at).is_(None))
        .order_by(col(MembershipRow.since), col(MembershipRow.id))
    )
    return [
        MemberView(person_id=person.id, name=person.name, email=person.email, role=MemberRole(row.role), since=row.since)
        for row, person in (await context.session.execute(query)).all()
    ]


async def list_invitations(context: Context, organisation_id: UUID) -> list[InvitationView]:
    """The open ones, for owners; those whose time is over are marked."""
    check_owner(await role_in(context, organisation_id, actor_person(context)))
    query = (
        select(InvitationRow)
        .where(col(InvitationRow.organisation_id) == organisation_id, col(InvitationRow.state) == InvitationState.OPEN)
        .order_by(col(InvitationRow.invited_at), col(InvitationRow.id))
    )
    return [invitation_view(row, context) for row in await context.session.scalars(query)]


def invitations_to(person: PersonRow) -> Select[Any]:
    """Those that the person has accepted, and those to the person's address if the provider has verified it: another address is what
    somebody says of themselves."""
    accepted = and_(col(InvitationRow.state) == InvitationState.ACCEPTED, col(InvitationRow.ended_by) == str(person.id))
    to_address = col(InvitationRow.email_key) == person.email_key if person.email_verified and person.email_key else false()
    return select(InvitationRow).where(or_(accepted, to_address)).order_by(col(InvitationRow.id))


def invitation_view(row: InvitationRow, context: Context) -> InvitationView:
    return InvitationView(
        id=row.id, organisation_id=row.organisation_id, email=row.email, role=MemberRole(row.role), state=InvitationState(row.state),
        invited_at=row.invited_at, expires_at=row.expires_at, expired=row.expires_at <= context.now,
    )  # fmt: skip
