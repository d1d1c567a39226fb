"""An administrator closes the account of a person or a machine."""

from uuid import UUID

from services.people.domain.memberships import check_owner_remains
from services.people.queries.organisations import members_of, memberships_of
from services.people.queries.persons import administered_person
from services.people.steps.closing import close_account, lock_for_closing
from services.people.tables import PersonRow
from shared.identity.permissions import Permission, require_role
from shared.kernel.errors import Forbidden
from shared.messaging.context import Context


async def end_person(context: Context, person_id: UUID, reason: str, real_now: float) -> PersonRow:
    """Its tokens are void within a minute, no sign-in is taken any more, its roles and its machines end, and it acts for nobody. Name and
    address stay.

    `NotFound` 'unknown-person', `Forbidden` 'own-account', `Conflict` 'last-owner': an organisation without an
    owner, and its cases, would be lost to those who work there. The person's roles can be ended, and the person signed out, all the same.
    """
    require_role(context.actor, Permission.MANAGE_ROLES)
    await administered_person(context, person_id)
    if str(person_id) == context.actor.id:
        raise Forbidden("own-account", "Another administrator closes your account.")
    person = await lock_for_closing(context, person_id)
    if person.ended_at is None:
        for row in await memberships_of(context, person_id):
            check_owner_remains(await members_of(context, row.organisation_id), str(person_id))
        await close_account(context, person, reason, real_now)
    return person
