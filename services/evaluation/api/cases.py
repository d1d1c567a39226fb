"""/cases"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.evaluation.api.dependencies import Appellant, DecisionReader, EvaluationReader, EvaluatorManager
from services.evaluation.api.schemas import AppealInput
from services.evaluation.commands.lodge_appeal import lodge_appeal
from services.evaluation.domain.states import CaseState
from services.evaluation.queries.appeal_views import AppealView
from services.evaluation.queries.appeals import appeal_view
from services.evaluation.queries.candidates import read_candidates
from services.evaluation.queries.cases import CASES, case_page, read_case
from services.evaluation.queries.registrations import read_registration
from services.evaluation.queries.results import read_result
from services.evaluation.queries.views import CandidateView, CaseDetail, CaseView, RegistrationView, ResultView
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


@router.get("/cases/{application_id}/candidates")
async def get_case_candidates(context: EvaluatorManager, application_id: UUID) -> list[CandidateView]:
    """The evaluators of the region for a seat of the case, the best one first, with load and what excludes them."""
    return await read_candidates(context, application_id)


@router.get("/cases/{application_id}/result")
async def get_case_result(context: DecisionReader, application_id: UUID) -> ResultView:
    """For the applicant too: the place in the list, the decisions with their reasons, the points without who gave them, and the appeal."""
    return await read_result(context, application_id)


@router.get("/cases/{application_id}/registration")
async def get_case_registration(context: DecisionReader, application_id: UUID) -> RegistrationView:
    """For the applicant too, from the registration on: whether the money asked for is reserved, and how many are ahead."""
    return await read_registration(context, application_id)


@router.post("/cases/{application_id}/appeal", status_code=201)
async def post_case_appeal(context: Appellant, application_id: UUID, body: AppealInput) -> AppealView:
    return appeal_view(await lodge_appeal(context, application_id, grounds=body.grounds))
