"""/assignments"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.evaluation.api.dependencies import AssignedEvaluator, AssignmentReader
from services.evaluation.api.schemas import DeclarationInput, ScoreSheetInput
from services.evaluation.commands.declare_interest import declare_interest
from services.evaluation.commands.submit_scores import submit_scores
from services.evaluation.queries.assignments import ASSIGNMENTS, assignment_detail, assignment_page, assignment_view, read_assignment
from services.evaluation.queries.views import AssignmentDetail, AssignmentView
from shared.kernel.vocabulary import AssignmentState
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("assignments")


@router.get("/assignments")
async def list_assignments(
    context: AssignmentReader,
    paging: Annotated[Paging, Depends(ASSIGNMENTS)],
    region: str | None = None,
    call_id: UUID | None = None,
    state: AssignmentState | None = None,
) -> Page[AssignmentView]:
    return await assignment_page(context, paging, region=region, call_id=call_id, state=state)


@router.get("/assignments/{assignment_id}")
async def get_assignment(context: AssignmentReader, assignment_id: UUID) -> AssignmentDetail:
    return await read_assignment(context, assignment_id)


@router.post("/assignments/{assignment_id}/declaration")
async def post_assignment_declaration(context: AssignedEvaluator, assignment_id: UUID, body: DeclarationInput) -> AssignmentView:
    row = await declare_interest(context, assignment_id, conflict=body.conflict, kind=body.kind)
    return assignment_view(context, row)


@router.post("/assignments/{assignment_id}/scores")
async def post_assignment_scores(context: AssignedEvaluator, assignment_id: UUID, body: ScoreSheetInput) -> AssignmentDetail:
    row = await submit_scores(context, assignment_id, scores=body.scores, comment=body.comment)
    return await assignment_detail(context, row)
