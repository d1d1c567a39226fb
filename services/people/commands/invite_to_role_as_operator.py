"""The operator proposes a role for an e-mail address with which nobody has signed in yet."""

from services.people.steps.role_invitations import Period, record_role_invitation
from services.people.tables import RoleInvitationRow
from shared.messaging.context import Context


async def invite_to_role_as_operator(context: Context, email: str, period: Period, reason: str) -> RoleInvitationRow:
    """It becomes the operator's proposal when somebody signs in with this address, verified by the provider.

    No route leads here. `Refused` 'unknown-region', 'role-by-membership' or 'role-period'.
    """
    return await record_role_invitation(context, email, period, reason)
