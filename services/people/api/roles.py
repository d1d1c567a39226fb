"""/roles: who may do what where."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.people.api.dependencies import FreshlySignedIn, RealNow, RoleManager, RoleReader
from services.people.api.schemas import RoleInput, earliest
from services.people.commands.decide_role import decide_role
from services.people.commands.end_role import end_role
from services.people.commands.propose_role import propose_role
from services.people.domain.states import GrantState
from services.people.queries.roles import ROLE_GRANTS, role_page, role_views
from services.people.queries.views import RoleGrantView
from services.people.steps.roles import Proposal
from shared.web.auth import api_router
from shared.web.paging import Page, Paging
from shared.web.schemas import Reason

router = api_router("roles")


@router.post("/roles", status_code=201)
async def post_role(context: RoleManager, body: RoleInput) -> RoleGrantView:
    """Proposes a role, which a second administrator confirms."""
    proposal = Proposal(body.person_id, body.role, body.region, earliest(body.valid_from, context.now), body.valid_until)
    [view] = await role_views(context, [await propose_role(context, proposal, body.reason)])
    return view


@router.get("/roles")
async def list_roles(
    context: RoleReader,
    paging: Annotated[Paging, Depends(ROLE_GRANTS)],
    region: str | None = None,
    state: GrantState | None = None,
    person_id: UUID | None = None,
) -> Page[RoleGrantView]:
    return await role_page(context, paging, region=region, state=state, person_id=person_id)


@router.post("/roles/{grant_id}/confirmation")
async def post_role_confirmation(context: RoleManager, grant_id: UUID, body: Reason) -> RoleGrantView:
    [view] = await role_views(context, [await decide_role(context, grant_id, confirmed=True, reason=body.reason)])
    return view


@router.post("/roles/{grant_id}/refusal")
async def post_role_refusal(context: RoleManager, grant_id: UUID, body: Reason) -> RoleGrantView:
    [view] = await role_views(context, [await decide_role(context, grant_id, confirmed=False, reason=body.reason)])
    return view


@router.post("/roles/{grant_id}/end")
async def post_role_end(context: FreshlySignedIn, grant_id: UUID, body: Reason, real_now: RealNow) -> RoleGrantView:
    """By an administrator of the region, or by the person who has the role."""
    [view] = await role_views(context, [await end_role(context, grant_id, body.reason, real_now)])
    return view
