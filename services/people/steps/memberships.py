"""Members come and are found."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.memberships import check_member, check_owner
from services.people.locks import lock_organisation
from services.people.queries.organisations import role_in
from services.people.queries.persons import actor_person
from services.people.steps.events import publish_people_event
from services.people.tables import MembershipRow, OrganisationRow
from shared.contracts.people import MemberJoined
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
