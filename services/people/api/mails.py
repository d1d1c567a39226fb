"""/mails: what was sent about a case."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.people.api.dependencies import HistoryReader, SignedIn
from services.people.queries.mails import MAILS, mails_of_case, own_mails
from services.people.queries.views import CaseMailView, MailView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("mails")


@router.get("/me/mails")
async def list_me_mails(context: SignedIn, paging: Annotated[Paging, Depends(MAILS)]) -> Page[MailView]:
    return await own_mails(context, paging)


@router.get("/mails")
async def list_mails(context: HistoryReader, case_id: UUID, paging: Annotated[Paging, Depends(MAILS)]) -> Page[CaseMailView]:
    """Of the case record: for who may read its history."""
    return await mails_of_case(context, case_id, paging)
