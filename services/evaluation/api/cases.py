"""/cases"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.evaluation.queries.cases import CASES, case_page, read_case
from services.evaluation.queries.views import CaseDetail, CaseState, CaseView
from shared.identity.permissions import Permission, visible_regions
from shared.messaging.context import Context
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging

router = api_router("cases")


@router.get("/cases")
async def list_cases(
    context: Annotated[Context, requires(Permission.READ_EVALUATION)],
    paging: Annotated[Paging, Depends(CASES)],
    region: str | None = None,
    call_id: UUID | None = None,
    state: CaseState | None = None,
) -> Page[CaseView]:
    return await case_page(context, visible_regions(context.actor, region), call_id, state, paging)


@router.get("/cases/{application_id}")
async def get_case(context: Annotated[Context, requires(Permission.READ_EVALUATION)], application_id: UUID) -> CaseDetail:
    return await read_case(context, application_id, context.now)
