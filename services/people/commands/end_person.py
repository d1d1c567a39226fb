"""An administrator closes the account of a person or a machine."""

from uuid import UUID

from services.people.locks import lock_person
from services.people.queries.persons import administered_person
from services.people.steps.events import publish_people_event
from services.people.steps.revocations import void_sign_ins
from services.people.tables import PersonRow
from shared.contracts.people import PersonEnded
from shared.identity.permissions import Permission, require_role
from shared.kernel.errors import Forbidden
from shared.messaging.context import Context


async def end_person(context: Context, person_id: UUID, reason: str, real_now: float) -> PersonRow:
    """Its tokens are void within a minute, and no sign-in is taken any more. `NotFound` 'unknown-person',
    `Forbidden` 'own-account'."""
    require_role(context.actor, Permission.MANAGE_ROLES)
    await administered_person(context, person_id)
    if str(person_id) == context.actor.id:
        raise Forbidden("own-account", "Another administrator closes your account.")
    person = await lock_person(context, person_id)
    if person.ended_at is None:
        person.ended_at = context.now
        await void_sign_ins(context, person_id, real_now)
        publish_people_event(context, PersonEnded(person_id=person_id), reason)
    return person
