"""/assignments"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from services.evaluation.api.needs import Book
from services.evaluation.commands.declare_interest import declare_interest
from services.evaluation.commands.submit_scores import submit_scores
from services.evaluation.queries.assignments import ASSIGNMENTS, assignment_detail, assignment_page, assignment_view, read_assignment
from services.evaluation.views import AssignmentDetail, AssignmentState, AssignmentView
from shared.contracts.common import Code
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, visible_regions
from shared.web.app import CallerCause, Session
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
    session: Session,
    cause: CallerCause,
    paging: Annotated[Paging, Depends(ASSIGNMENTS)],
    actor: Annotated[Actor, requires(Permission.READ_ASSIGNMENT)],
    region: str | None = None,
    call_id: UUID | None = None,
    state: AssignmentState | None = None,
) -> Page[AssignmentView]:
    return await assignment_page(session, actor, visible_regions(actor, region), call_id, state, paging, cause.now)


@router.get("/assignments/{assignment_id}")
async def get_assignment(
    assignment_id: UUID, session: Session, cause: CallerCause, book: Book, actor: Annotated[Actor, requires(Permission.READ_ASSIGNMENT)]
) -> AssignmentDetail:
    return await read_assignment(session, actor, book, assignment_id, cause.now)


@router.post("/assignments/{assignment_id}/declaration")
async def declare(
    assignment_id: UUID,
    body: DeclarationInput,
    session: Session,
    cause: CallerCause,
    book: Book,
    actor: Annotated[Actor, requires(Permission.EVALUATE)],
) -> AssignmentView:
    row = await declare_interest(session, cause, actor, book, assignment_id, conflict=body.conflict, kind=body.kind)
    return assignment_view(row, cause.now)


@router.post("/assignments/{assignment_id}/scores")
async def score(
    assignment_id: UUID,
    body: SheetInput,
    session: Session,
    cause: CallerCause,
    book: Book,
    actor: Annotated[Actor, requires(Permission.EVALUATE)],
) -> AssignmentDetail:
    row = await submit_scores(session, cause, actor, book, assignment_id, body.scores, body.comment)
    return await assignment_detail(session, actor, book, row, cause.now)
