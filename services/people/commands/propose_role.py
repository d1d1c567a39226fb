"""An administrator gives a person a role in a region, or proposes it to a second administrator."""

from services.people.domain.roles import first_state
from services.people.steps.roles import Proposal, record_proposal
from services.people.tables import RoleGrantRow
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context


async def propose_role(context: Context, proposal: Proposal, reason: str) -> RoleGrantRow:
    """A role of officers, finance and administrators waits for a second administrator; another one holds at once.

    `Refused` 'role-by-membership' or 'role-period', `Forbidden` 'own-role', `Conflict` 'role-known'.
    """
    authorise(context.actor, Permission.MANAGE_ROLES, region=proposal.region)
    return await record_proposal(context, proposal, first_state(proposal.role), reason)
