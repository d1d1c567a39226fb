"""/appeals: read by those concerned, decided by an officer who took no part in the evaluation"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.evaluation.api.dependencies import AppealOfficer, AppealReader, DecisionReader
from services.evaluation.api.schemas import AppealDecisionInput
from services.evaluation.commands.decide_appeal import decide_appeal
from services.evaluation.domain.states import AppealState
from services.evaluation.queries.appeal_views import AppealView
from services.evaluation.queries.appeals import APPEALS, OpenAppealView, appeal_page, appeal_view, open_appeals, read_appeal
from shared.web.auth import api_router
from shared.web.paging import MAX_LIMIT, Page, Paging

router = api_router("appeals")


@router.get("/appeals")
async def list_appeals(
    context: AppealReader,
    paging: Annotated[Paging, Depends(APPEALS)],
    region: str | None = None,
    call_id: UUID | None = None,
    state: AppealState | None = None,
) -> Page[AppealView]:
    return await appeal_page(context, paging, region=region, call_id=call_id, state=state)


@router.get("/open-appeals")
async def list_open_appeals(
    context: DecisionReader, application_id: Annotated[list[UUID], Query(min_length=1, max_length=MAX_LIMIT)]
) -> list[OpenAppealView]:
    """Of these applications, those for which the caller may appeal now."""
    return await open_appeals(context, application_id)


@router.get("/appeals/{appeal_id}")
async def get_appeal(context: AppealReader, appeal_id: UUID) -> AppealView:
    return await read_appeal(context, appeal_id)


@router.post("/appeals/{appeal_id}/decision")
async def post_appeal_decision(context: AppealOfficer, appeal_id: UUID, body: AppealDecisionInput) -> AppealView:
    return appeal_view(await decide_appeal(context, appeal_id, reasons=body.reasons, rescoring=body.rescoring))
