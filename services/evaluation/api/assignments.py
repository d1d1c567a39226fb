"""/assignments: declared, drafted and submitted by evaluators, moved and opened again by officers; /questions of evaluators"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.evaluation.api.dependencies import AssignedEvaluator, AssignmentReader, EvaluationReader, EvaluatorManager
from services.evaluation.api.schemas import (
    AnswerInput,
    DeclarationInput,
    DraftInput,
    QuestionInput,
    ReopeningInput,
    ReplacementInput,
    ScoreSheetInput,
)
from services.evaluation.commands.answer_question import answer_question
from services.evaluation.commands.ask_question import ask_question
from services.evaluation.commands.declare_interest import declare_interest
from services.evaluation.commands.reopen_sheet import reopen_sheet
from services.evaluation.commands.replace_evaluator import replace_evaluator
from services.evaluation.commands.save_draft import save_draft
from services.evaluation.commands.submit_scores import submit_scores
from services.evaluation.queries.assignments import (
    ASSIGNMENTS,
    assignment_detail,
    assignment_page,
    assignment_view,
    draft_view,
    read_assignment,
)
from services.evaluation.queries.questions import QUESTIONS, question_page, question_view, read_question
from services.evaluation.queries.views import AssignmentDetail, AssignmentView, DraftView, QuestionView
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
    mine: bool = False,
    late: bool = False,
) -> Page[AssignmentView]:
    """`mine`: only the caller's own, also for an officer who evaluates. `late`: those that are an officer's task, because their evaluator
    does not answer."""
    return await assignment_page(context, paging, region=region, call_id=call_id, state=state, mine=mine, late=late)


@router.get("/assignments/{assignment_id}")
async def get_assignment(context: AssignmentReader, assignment_id: UUID) -> AssignmentDetail:
    return await read_assignment(context, assignment_id)


@router.post("/assignments/{assignment_id}/declaration")
async def post_assignment_declaration(context: AssignedEvaluator, assignment_id: UUID, body: DeclarationInput) -> AssignmentView:
    row = await declare_interest(context, assignment_id, conflict=body.conflict, kind=body.kind)
    return assignment_view(context, row)


@router.post("/assignments/{assignment_id}/scores")
async def post_assignment_scores(context: AssignedEvaluator, assignment_id: UUID, body: ScoreSheetInput) -> AssignmentDetail:
    row = await submit_scores(context, assignment_id, scores=body.scores, justifications=body.justifications, comment=body.comment)
    return await assignment_detail(context, row)


@router.put("/assignments/{assignment_id}/draft")
async def put_assignment_draft(context: AssignedEvaluator, assignment_id: UUID, body: DraftInput) -> DraftView:
    """Replaces the draft. Points and justifications may be missing; the sheet is checked as a whole when it is submitted."""
    content = body.model_dump(exclude={"version"})
    return draft_view(await save_draft(context, assignment_id, version=body.version, content=content))


@router.post("/assignments/{assignment_id}/questions", status_code=201)
async def post_assignment_question(context: AssignedEvaluator, assignment_id: UUID, body: QuestionInput) -> QuestionView:
    return question_view(await ask_question(context, assignment_id, question=body.question))


@router.post("/assignments/{assignment_id}/reopening")
async def post_assignment_reopening(context: EvaluatorManager, assignment_id: UUID, body: ReopeningInput) -> AssignmentView:
    """The submitted sheet is set aside and kept; the evaluator gets it back as a draft."""
    return assignment_view(context, await reopen_sheet(context, assignment_id, reason=body.reason))


@router.post("/assignments/{assignment_id}/replacement")
async def post_assignment_replacement(context: EvaluatorManager, assignment_id: UUID, body: ReplacementInput) -> AssignmentView:
    """Another evaluator takes the seat: the one named, or the one that the platform finds."""
    row = await replace_evaluator(context, assignment_id, why=body.why, successor=body.evaluator_id, kind=body.kind, words=body.reason)
    return assignment_view(context, row)


@router.get("/questions")
async def list_questions(
    context: EvaluationReader,
    paging: Annotated[Paging, Depends(QUESTIONS)],
    region: str | None = None,
    call_id: UUID | None = None,
    answered: bool | None = None,
) -> Page[QuestionView]:
    return await question_page(context, paging, region=region, call_id=call_id, answered=answered)


@router.get("/questions/{question_id}")
async def get_question(context: EvaluationReader, question_id: UUID) -> QuestionView:
    return await read_question(context, question_id)


@router.post("/questions/{question_id}/answer")
async def post_question_answer(context: EvaluatorManager, question_id: UUID, body: AnswerInput) -> QuestionView:
    return question_view(await answer_question(context, question_id, answer=body.answer))
