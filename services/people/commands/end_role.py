"""An administrator takes a role back, or a person gives up an own one."""

from uuid import UUID

from services.people.locks import lock_grant
from services.people.queries.persons import actor_person
from services.people.steps.roles import end_grant
from services.people.tables import RoleGrantRow
from shared.messaging.context import Context


async def end_role(context: Context, grant_id: UUID, reason: str, real_now: float) -> RoleGrantRow:
    """Tokens with the role are void within a minute. `NotFound` 'unknown-role', `Conflict` 'role-not-granted'."""
    grant = await lock_grant(context, grant_id, of=actor_person(context))
    await end_grant(context, grant, reason, real_now)
    return grant
