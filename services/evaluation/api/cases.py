"""/cases"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.evaluation.api.needs import Book
from services.evaluation.queries.cases import CASES, case_page, read_case
from services.evaluation.views import CaseDetail, CaseState, CaseView
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, visible_regions
from shared.web.app import CallerCause, Session
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging

router = api_router("cases")


@router.get("/cases")
async def list_cases(
    session: Session,
    paging: Annotated[Paging, Depends(CASES)],
    actor: Annotated[Actor, requires(Permission.READ_EVALUATION)],
    region: str | None = None,
    call_id: UUID | None = None,
    state: CaseState | None = None,
) -> Page[CaseView]:
    return await case_page(session, visible_regions(actor, region), call_id, state, paging)


@router.get("/cases/{application_id}")
async def get_case(
    application_id: UUID, session: Session, cause: CallerCause, book: Book, actor: Annotated[Actor, requires(Permission.READ_EVALUATION)]
) -> CaseDetail:
    return await read_case(session, actor, book, application_id, cause.now)
