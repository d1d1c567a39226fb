"""Members come, are found and go."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.memberships import check_member, check_owner, check_owner_remains
from services.people.domain.states import InvitationState
from services.people.locks import lock_organisation
from services.people.queries.organisations import members_of, role_in
from services.people.queries.persons import actor_person
from services.people.steps.events import publish_people_event
from services.people.tables import InvitationRow, MembershipRow, OrganisationRow
from shared.contracts.people import InvitationWithdrawn, MemberJoined, MemberLeft
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MemberRole
from shared.messaging.context import Context


async def lock_as_owner(context: Context, organisation_id: UUID) -> OrganisationRow:
    """The organisation, locked, for an owner of it. `Forbidden` 'not-a-member' or 'not-an-owner'."""
    return await _lock(context, organisation_id, check_owner)


async def lock_as_member(context: Context, organisation_id: UUID) -> OrganisationRow:
    """The organisation, locked, for a member of it. `Forbidden` 'not-a-member'."""
    return await _lock(context, organisation_id, check_member)


async def _lock(context: Context, organisation_id: UUID, check: Callable[[MemberRole | None], None]) -> OrganisationRow:
    """The role is checked before the lock, so that a stranger waits for nothing and learns nothing, and once more with it: another owner
    may have ended the role while this one waited."""
    person_id = actor_person(context)
    check(await role_in(context, organisation_id, person_id))
    row = await lock_organisation(context, organisation_id)
    check(await role_in(context, organisation_id, person_id))
    return row


async def join(context: Context, organisation_id: UUID, person_id: UUID, role: MemberRole, *, invitation_id: UUID | None) -> MembershipRow:
    """The organisation, or its only member, is locked."""
    row = MembershipRow(
        id=new_id(), organisation_id=organisation_id, person_id=person_id, role=role, since=context.now, invitation_id=invitation_id
    )
    context.session.add(row)
    await context.session.flush()
    joined = MemberJoined(organisation_id=organisation_id, person_id=person_id, role=role, invitation_id=invitation_id)
    publish_people_event(context, joined, "invited" if invitation_id else "registered-by-member")
    return row


async def end_open_membership(context: Context, row: MembershipRow, reason: str) -> None:
    """And takes back what the member has invited. The organisation is locked. `Conflict` 'last-owner'."""
    check_owner_remains(await members_of(context, row.organisation_id), str(row.person_id))
    await leave(context, row, reason)


async def leave(context: Context, row: MembershipRow, reason: str) -> None:
    """As `end_open_membership`, where it is known that the organisation may be without the member."""
    row.ended_at, row.ended_by = context.now, context.actor.id
    await withdraw_invitations(context, row.organisation_id, row.person_id)
    publish_people_event(context, MemberLeft(organisation_id=row.organisation_id, person_id=row.person_id), reason)


async def withdraw_invitations(context: Context, organisation_id: UUID, invited_by: UUID) -> None:
    """Those that are open, when who invited may invite no more. The organisation is locked."""
    query = select(InvitationRow).where(
        col(InvitationRow.organisation_id) == organisation_id,
        col(InvitationRow.invited_by) == invited_by,
        col(InvitationRow.state) == InvitationState.OPEN,
    )
    for row in await context.session.scalars(query.order_by(col(InvitationRow.id)).execution_options(populate_existing=True)):
        withdraw(context, row, "inviter-may-not")


def withdraw(context: Context, row: InvitationRow, reason: str) -> None:
    """An open invitation, of an organisation that is locked."""
    row.state, row.ended_at, row.ended_by = InvitationState.WITHDRAWN, context.now, context.actor.id
    publish_people_event(context, InvitationWithdrawn(organisation_id=row.organisation_id, invitation_id=row.id), reason)


async def open_membership(context: Context, organisation_id: UUID, person_id: UUID) -> MembershipRow:
    """`NotFound` 'unknown-member' for who is no member at this moment. The organisation is locked."""
    query = select(MembershipRow).where(
        col(MembershipRow.organisation_id) == organisation_id,
        col(MembershipRow.person_id) == person_id,
        col(MembershipRow.ended_at).is_(None),
    )
    row: MembershipRow | None = await context.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound("unknown-member", "This person does not act for the organisation.")
    return row
