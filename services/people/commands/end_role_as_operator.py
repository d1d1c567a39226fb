"""The operator ends a role, or withdraws the proposal of one for an e-mail address."""

from uuid import UUID

from services.people.domain.roles import check_end_by_operator, check_waits
from services.people.domain.states import GrantState, InvitationState
from services.people.locks import lock_person
from services.people.queries.roles import administrators_in_force
from services.people.steps.roles import end_grant, lock_administrators, withdraw_role_invitation
from services.people.tables import RoleGrantRow, RoleInvitationRow
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def end_role_as_operator(context: Context, identity: UUID, reason: str, real_now: float) -> RoleGrantRow | RoleInvitationRow:
    """`identity` is of the role, or of the invitation. No route leads here.

    `NotFound` 'unknown-role', `Conflict` 'role-not-granted', 'last-administrator' or 'role-invitation-used'.
    """
    invitation = await context.session.get(RoleInvitationRow, identity, with_for_update=True)
    if invitation is not None:
        _withdraw(context, invitation, reason)
        return invitation
    grant = await context.session.get(RoleGrantRow, identity)
    if grant is None:
        raise NotFound("unknown-role", "There is no such role.")
    await lock_person(context, grant.person_id)
    await lock_administrators(context, grant.region)
    await context.session.refresh(grant)
    others = await administrators_in_force(context, grant.region) - {grant.person_id}
    if grant.state == GrantState.GRANTED:
        check_end_by_operator(grant.role, other_administrators=len(others))
    await end_grant(context, grant, reason, real_now)
    return grant


def _withdraw(context: Context, row: RoleInvitationRow, reason: str) -> None:
    check_waits(InvitationState(row.state))
    if row.state == InvitationState.OPEN:
        withdraw_role_invitation(context, row, reason)
