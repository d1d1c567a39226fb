"""An administrator proposes a role for an e-mail address with which nobody has signed in yet."""

from services.people.domain.roles import check_invited
from services.people.queries.directory import persons_with_address
from services.people.steps.role_invitations import Period, record_role_invitation
from services.people.tables import RoleInvitationRow
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context


async def invite_to_role(context: Context, email: str, period: Period, reason: str) -> RoleInvitationRow:
    """It becomes this administrator's proposal when somebody signs in with the address, so another administrator confirms it.

    `Conflict` 'address-known', `Refused` 'role-by-membership' or 'role-period'.
    """
    authorise(context.actor, Permission.MANAGE_ROLES, region=period.region)
    check_invited(known=len(await persons_with_address(context, email)))
    return await record_role_invitation(context, email, period, reason)
