"""/assignments"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from services.evaluation.commands.declare_interest import declare_interest
from services.evaluation.commands.submit_scores import submit_scores
from services.evaluation.queries.assignments import ASSIGNMENTS, assignment_detail, assignment_page, assignment_view, read_assignment
from services.evaluation.queries.views import AssignmentDetail, AssignmentState, AssignmentView
from shared.contracts.common import Code
from shared.identity.permissions import Permission, visible_regions
from shared.messaging.context import Context
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging

router = api_router("assignments")


class DeclarationInput(BaseModel):
    """`kind` says of what kind a declared conflict is, e.g. employer; no names."""

    model_config = ConfigDict(extra="forbid")

    conflict: bool
    kind: Code | None = None


class SheetInput(BaseModel):
    """Whole points for every criterion of the policy."""

    model_config = ConfigDict(extra="forbid")

    scores: Annotated[dict[Code, StrictInt], Field(max_length=50)]
    comment: Annotated[str, Field(max_length=20_000)] = ""


@router.get("/assignments")
async def list_assignments(
    context: Annotated[Context, requires(Permission.READ_ASSIGNMENT)],
    paging: Annotated[Paging, Depends(ASSIGNMENTS)],
    region: str | None = None,
    call_id: UUID | None = None,
    state: AssignmentState | None = None,
) -> Page[AssignmentView]:
    return await assignment_page(context, visible_regions(context.actor, region), call_id, state, paging, context.now)


@router.get("/assignments/{assignment_id}")
async def get_assignment(context: Annotated[Context, requires(Permission.READ_ASSIGNMENT)], assignment_id: UUID) -> AssignmentDetail:
    return await read_assignment(context, assignment_id, context.now)


@router.post("/assignments/{assignment_id}/declaration")
async def declare(
    context: Annotated[Context, requires(Permission.EVALUATE)], assignment_id: UUID, body: DeclarationInput
) -> AssignmentView:
    row = await declare_interest(context, assignment_id, conflict=body.conflict, kind=body.kind)
    return assignment_view(row, context.now)


@router.post("/assignments/{assignment_id}/scores")
async def score(context: Annotated[Context, requires(Permission.EVALUATE)], assignment_id: UUID, body: SheetInput) -> AssignmentDetail:
    row = await submit_scores(context, assignment_id, body.scores, body.comment)
    return await assignment_detail(context, row, context.now)
