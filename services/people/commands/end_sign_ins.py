"""A person is signed out everywhere: by an own act, or by an administrator."""

from uuid import UUID

from services.people.queries.persons import actor_person, administered_person
from services.people.steps.sign_ins import sign_out
from services.people.tables import PersonRow
from shared.identity.permissions import Permission, require_role
from shared.messaging.context import Context


async def end_sign_ins(context: Context, person_id: UUID, reason: str, real_now: float) -> PersonRow:
    """All tokens of the person are void within a minute, and a sign-in of before at the provider is not taken again."""
    if person_id != actor_person(context):
        require_role(context.actor, Permission.MANAGE_ROLES)
        await administered_person(context, person_id)
    return await sign_out(context, person_id, reason, real_now)
