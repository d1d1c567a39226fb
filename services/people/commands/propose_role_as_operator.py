"""The operator proposes a role: the first administrator of a region holds at once, all else waits for an administrator."""

from services.people.domain.roles import check_region
from services.people.steps.roles import Proposal, propose_by_operator
from services.people.tables import RoleGrantRow
from shared.messaging.context import Context


async def propose_role_as_operator(context: Context, proposal: Proposal, reason: str) -> RoleGrantRow:
    """No route leads here: who runs it has the secrets of the platform. `Refused` 'unknown-region', 'role-by-membership' or 'role-period',
    `NotFound` 'unknown-person', `Conflict` 'role-known'."""
    check_region(proposal.region, {policy.region for policy in context.policies.all()})
    return await propose_by_operator(context, proposal, reason)
