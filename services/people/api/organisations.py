"""/organisations and /invitations: who acts for whom."""

from uuid import UUID

from services.people.api.dependencies import RealNow, SignedIn
from services.people.api.schemas import AcceptanceInput, InvitationInput, MemberInput, OrganisationChangeInput, OrganisationInput
from services.people.commands.accept_invitation import accept_invitation
from services.people.commands.change_member import change_member
from services.people.commands.change_organisation import change_organisation
from services.people.commands.end_membership import end_membership
from services.people.commands.invite_member import invite_member
from services.people.commands.register_organisation import register_organisation
from services.people.commands.withdraw_invitation import withdraw_invitation
from services.people.queries.invitations import read_invitation
from services.people.queries.organisations import invitation_view, list_invitations, list_members, organisation_view, read_organisation
from services.people.queries.views import InvitationView, MemberView, OfferedInvitationView, OrganisationView
from shared.web.auth import api_router

router = api_router("organisations")


@router.post("/organisations", status_code=201)
async def post_organisation(context: SignedIn, body: OrganisationInput) -> OrganisationView:
    return organisation_view(await register_organisation(context, body.profile()))


@router.get("/organisations/{organisation_id}")
async def get_organisation(context: SignedIn, organisation_id: UUID) -> OrganisationView:
    return await read_organisation(context, organisation_id)


@router.put("/organisations/{organisation_id}")
async def put_organisation(context: SignedIn, organisation_id: UUID, body: OrganisationChangeInput) -> OrganisationView:
    return organisation_view(await change_organisation(context, organisation_id, body.profile(), body.version))


@router.get("/organisations/{organisation_id}/members")
async def get_organisation_members(context: SignedIn, organisation_id: UUID) -> list[MemberView]:
    return await list_members(context, organisation_id)


@router.put("/organisations/{organisation_id}/members/{person_id}")
async def put_organisation_member(context: SignedIn, organisation_id: UUID, person_id: UUID, body: MemberInput) -> list[MemberView]:
    await change_member(context, organisation_id, person_id, body.role)
    return await list_members(context, organisation_id)


@router.post("/organisations/{organisation_id}/members/{person_id}/end", status_code=204)
async def post_organisation_member_end(context: SignedIn, organisation_id: UUID, person_id: UUID, real_now: RealNow) -> None:
    """By an owner, or by the member."""
    await end_membership(context, organisation_id, person_id, real_now)


@router.post("/organisations/{organisation_id}/invitations", status_code=201)
async def post_organisation_invitation(context: SignedIn, organisation_id: UUID, body: InvitationInput) -> InvitationView:
    """The link goes to the address that is given, and is in no answer."""
    row, _ = await invite_member(context, organisation_id, body.email, body.role, body.language)
    return invitation_view(row, context)


@router.get("/organisations/{organisation_id}/invitations")
async def get_organisation_invitations(context: SignedIn, organisation_id: UUID) -> list[InvitationView]:
    return await list_invitations(context, organisation_id)


@router.post("/organisations/{organisation_id}/invitations/{invitation_id}/withdrawal")
async def post_organisation_invitation_withdrawal(context: SignedIn, organisation_id: UUID, invitation_id: UUID) -> InvitationView:
    return invitation_view(await withdraw_invitation(context, organisation_id, invitation_id), context)


@router.post("/invitations/reading")
async def post_invitation_reading(context: SignedIn, body: AcceptanceInput) -> OfferedInvitationView:
    """By who has the link and has signed in; it changes nothing. The secret is in no address, and so in no log."""
    return await read_invitation(context, body.secret)


@router.post("/invitations/acceptance")
async def post_invitation_acceptance(context: SignedIn, body: AcceptanceInput) -> InvitationView:
    """By who has the link and has signed in."""
    return invitation_view(await accept_invitation(context, body.secret), context)
