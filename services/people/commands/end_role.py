"""An administrator takes a role back, or a person gives up an own one."""

from uuid import UUID

from services.people.domain.states import GrantState
from services.people.locks import lock_grant
from services.people.queries.persons import actor_person
from services.people.steps.events import publish_role
from services.people.steps.revocations import void_tokens
from services.people.tables import RoleGrantRow
from shared.contracts.people import RoleEnded
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def end_role(context: Context, grant_id: UUID, reason: str, real_now: float) -> RoleGrantRow:
    """Tokens with the role are void within a minute. `NotFound` 'unknown-role', `Conflict` 'role-not-granted'."""
    grant = await lock_grant(context, grant_id, of=actor_person(context))
    if grant.state != GrantState.GRANTED:
        raise Conflict("role-not-granted", "The role is {state}: there is nothing to end.", state=grant.state)
    grant.state, grant.ended_by, grant.ended_at = GrantState.ENDED, context.actor.id, context.now
    await void_tokens(context, grant.person_id, real_now)
    publish_role(context, grant, RoleEnded, reason)
    return grant
