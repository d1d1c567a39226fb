"""/cases"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.evaluation.api.dependencies import DecisionReader, EvaluationReader
from services.evaluation.domain.states import CaseState
from services.evaluation.queries.cases import CASES, case_page, read_case
from services.evaluation.queries.own_decision import read_own_decision
from services.evaluation.queries.views import CaseDetail, CaseView, OwnDecisionView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("cases")


@router.get("/cases")
async def list_cases(
    context: EvaluationReader,
    paging: Annotated[Paging, Depends(CASES)],
    region: str | None = None,
    call_id: UUID | None = None,
    state: CaseState | None = None,
) -> Page[CaseView]:
    return await case_page(context, paging, region=region, call_id=call_id, state=state)


@router.get("/cases/{application_id}")
async def get_case(context: EvaluationReader, application_id: UUID) -> CaseDetail:
    return await read_case(context, application_id)


@router.get("/cases/{application_id}/decision")
async def get_case_decision(context: DecisionReader, application_id: UUID) -> OwnDecisionView:
    """For the applicant too: the decision, its reasons, and the points without who gave them."""
    return await read_own_decision(context, application_id)
