"""/invitations of the caller's organisation, and those of a call for its officers."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.applications.api.dependencies import OwnReader, Screener
from services.applications.queries.invitations import INVITED, InvitationView, InvitedView, invited_page, own_invitations
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("invitations", "")


@router.get("/invitations")
async def list_invitations(context: OwnReader) -> list[InvitationView]:
    """To calls by invitation, the newest first; those that were used or have ended too."""
    return await own_invitations(context)


@router.get("/calls/{call_id}/invitations")
async def list_call_invitations(context: Screener, call_id: UUID, paging: Annotated[Paging, Depends(INVITED)]) -> Page[InvitedView]:
    """Everybody who is invited to the call, with what was begun and submitted."""
    return await invited_page(context, call_id, paging)
