"""Locks: an organisation before its members and invitations, a person before the roles."""

from uuid import UUID

from services.people.domain.persons import person_ended, unknown_person
from services.people.tables import OrganisationRow, PersonRow, RoleGrantRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def lock_organisation(context: Context, organisation_id: UUID) -> OrganisationRow:
    """`NotFound` 'unknown-organisation'."""
    row = await context.session.get(OrganisationRow, organisation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("no-such-organisation", "There is no such organisation.")
    return row


async def lock_person(context: Context, person_id: UUID) -> PersonRow:
    """`NotFound` 'unknown-person'."""
    row = await context.session.get(PersonRow, person_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise unknown_person()
    return row


async def lock_open_person(context: Context, person_id: UUID) -> PersonRow:
    """For what an account that was closed meanwhile may not get any more. `NotFound` 'unknown-person', `Forbidden` 'person-ended'."""
    row = await lock_person(context, person_id)
    if row.ended_at is not None:
        raise person_ended()
    return row


async def lock_grant(context: Context, grant_id: UUID, *, of: UUID | None = None) -> RoleGrantRow:
    """A role of a region whose roles the actor manages, or one of the person `of`, with its person locked. `NotFound` 'unknown-role'."""
    grant = await context.session.get(RoleGrantRow, grant_id)
    if grant is None:
        raise NotFound("unknown-role", "There is no such role.")
    if grant.person_id != of:
        authorise(context.actor, Permission.MANAGE_ROLES, region=grant.region)
    await lock_person(context, grant.person_id)
    await context.session.refresh(grant)
    return grant
