"""An administrator proposes a role in a region for a person or a machine; a second administrator confirms it."""

from services.people.domain.states import GrantState
from services.people.steps.roles import Proposal, record_proposal
from services.people.tables import RoleGrantRow
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context


async def propose_role(context: Context, proposal: Proposal, reason: str) -> RoleGrantRow:
    """One administrator alone gives no role, whatever it opens: a role in force also shows who has it, and lets administrators close the
    account.

    `Refused` 'role-by-membership', 'role-period' or 'no-machine-role', `Forbidden` 'own-role', `Conflict` 'role-known'.
    """
    authorise(context.actor, Permission.MANAGE_ROLES, region=proposal.region)
    return await record_proposal(context, proposal, GrantState.PROPOSED, reason)
