"""A second administrator confirms a role that was proposed, or refuses it."""

from uuid import UUID

from services.people.domain.persons import person_ended
from services.people.domain.roles import check_decision
from services.people.domain.states import GrantState
from services.people.locks import lock_grant
from services.people.queries.persons import known_person
from services.people.steps.events import publish_role
from services.people.tables import RoleGrantRow
from shared.contracts.people import RoleGranted, RoleRefused
from shared.messaging.context import Context


async def decide_role(context: Context, grant_id: UUID, *, confirmed: bool, reason: str) -> RoleGrantRow:
    """Who registered a machine decides on no role of it.

    `NotFound` 'unknown-role', `Conflict` 'role-not-proposed', `Forbidden` 'own-role' or 'own-proposal'; 'person-ended' for a
    role of a closed account, which can only be refused.
    """
    grant = await lock_grant(context, grant_id)
    holder = await known_person(context, grant.person_id)
    if confirmed and holder.ended_at is not None:
        raise person_ended()
    check_decision(GrantState(grant.state), by=context.actor.id, to=holder.registered_by, proposed_by=grant.proposed_by)
    grant.state = GrantState.GRANTED if confirmed else GrantState.REFUSED
    grant.decided_by, grant.decided_at = context.actor.id, context.now
    publish_role(context, grant, RoleGranted if confirmed else RoleRefused, reason)
    return grant
