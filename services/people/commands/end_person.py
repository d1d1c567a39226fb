"""An administrator closes the account of a person or a machine."""

from uuid import UUID

from services.people.locks import lock_organisation, lock_person
from services.people.queries.organisations import memberships_of, role_in
from services.people.queries.persons import administered_person
from services.people.steps.events import publish_people_event
from services.people.steps.memberships import end_open_membership, open_membership
from services.people.steps.revocations import void_sign_ins
from services.people.tables import PersonRow
from shared.contracts.people import PersonEnded
from shared.identity.permissions import Permission, require_role
from shared.kernel.errors import Forbidden
from shared.messaging.context import Context


async def end_person(context: Context, person_id: UUID, reason: str, real_now: float) -> PersonRow:
    """Its tokens are void within a minute, no sign-in is taken any more, and neither it nor its machines act for anybody.

    `NotFound` 'unknown-person', `Forbidden` 'own-account', `Conflict` 'last-owner': an organisation without an
    owner, and its cases, would be lost to those who work there. The person's roles can be ended, and the person signed out, all the same.
    """
    require_role(context.actor, Permission.MANAGE_ROLES)
    await administered_person(context, person_id)
    if str(person_id) == context.actor.id:
        raise Forbidden("own-account", "Another administrator closes your account.")
    person = await lock_person(context, person_id)
    if person.ended_at is None:
        await _leave_organisations(context, person_id)
        person.ended_at = context.now
        await void_sign_ins(context, person_id, real_now)
        publish_people_event(context, PersonEnded(person_id=person_id), reason)
    return person


async def _leave_organisations(context: Context, person_id: UUID) -> None:
    """The person is locked, so nothing is joined meanwhile; one organisation after the other by id, so that no two wait for each other."""
    for organisation in [row.organisation_id for row in await memberships_of(context, person_id)]:
        await lock_organisation(context, organisation)
        if await role_in(context, organisation, person_id) is not None:
            row = await open_membership(context, organisation, person_id)
            await end_open_membership(context, row, "account-closed")
