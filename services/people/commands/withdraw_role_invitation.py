"""An administrator takes back a role that waits for the first sign-in with an address."""

from uuid import UUID

from services.people.domain.roles import check_waits
from services.people.domain.states import InvitationState
from services.people.steps.roles import withdraw_role_invitation as withdraw
from services.people.tables import RoleInvitationRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def withdraw_role_invitation(context: Context, invitation_id: UUID, reason: str) -> RoleInvitationRow:
    """`NotFound` 'unknown-role-invitation', `Conflict` 'role-invitation-used'. Withdrawn twice is withdrawn once."""
    row = await context.session.get(RoleInvitationRow, invitation_id, with_for_update=True)
    if row is None:
        raise NotFound("unknown-role-invitation", "There is no such invitation to a role.")
    authorise(context.actor, Permission.MANAGE_ROLES, region=row.region)
    check_waits(InvitationState(row.state))
    if row.state == InvitationState.OPEN:
        withdraw(context, row, reason)
    return row
