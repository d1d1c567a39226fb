"""/role-invitations: roles that wait for the first sign-in with an address."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.people.api.dependencies import RoleManager, RoleReader
from services.people.api.schemas import RoleInvitationInput, earliest
from services.people.commands.invite_to_role import invite_to_role
from services.people.commands.withdraw_role_invitation import withdraw_role_invitation
from services.people.domain.states import InvitationState
from services.people.queries.role_invitations import ROLE_INVITATIONS, role_invitation_page, role_invitation_view
from services.people.queries.views import RoleInvitationView
from services.people.steps.role_invitations import Period
from shared.web.auth import api_router
from shared.web.paging import Page, Paging
from shared.web.schemas import Reason

router = api_router("role invitations")


@router.post("/role-invitations", status_code=201)
async def post_role_invitation(context: RoleManager, body: RoleInvitationInput) -> RoleInvitationView:
    """Proposes the role for the first who signs in with this verified address; then a second administrator confirms it."""
    period = Period(body.role, body.region, earliest(body.valid_from, context.now), body.valid_until)
    return role_invitation_view(context, await invite_to_role(context, body.email, period, body.reason))


@router.get("/role-invitations")
async def list_role_invitations(
    context: RoleReader,
    paging: Annotated[Paging, Depends(ROLE_INVITATIONS)],
    region: str | None = None,
    state: InvitationState | None = None,
) -> Page[RoleInvitationView]:
    return await role_invitation_page(context, paging, region=region, state=state)


@router.post("/role-invitations/{invitation_id}/withdrawal")
async def post_role_invitation_withdrawal(context: RoleManager, invitation_id: UUID, body: Reason) -> RoleInvitationView:
    return role_invitation_view(context, await withdraw_role_invitation(context, invitation_id, body.reason))
