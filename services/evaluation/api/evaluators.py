"""/evaluators"""

from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from services.evaluation.api.needs import Book, HashKey
from services.evaluation.commands.register_evaluator import Profile, register_evaluator
from services.evaluation.queries.evaluators import EVALUATORS, evaluator_page, evaluator_view
from services.evaluation.views import EvaluatorView
from shared.contracts.common import Code
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, visible_regions
from shared.web.app import CallerCause, Session
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging

router = api_router("evaluators")


class RelationInput(BaseModel):
    """A tie in plain text; only its keyed hash is kept."""

    model_config = ConfigDict(extra="forbid")

    kind: Code
    value: Annotated[str, Field(min_length=1, max_length=500)]


class EvaluatorInput(BaseModel):
    """`evaluator_id` is the subject of the evaluator's token."""

    model_config = ConfigDict(extra="forbid")

    evaluator_id: Annotated[str, Field(min_length=1, max_length=200)]
    region: Annotated[str, Field(min_length=1, max_length=80)]
    languages: Annotated[list[Annotated[str, Field(pattern="^[a-z]{2,3}$")]], Field(min_length=1, max_length=30)]
    topics: Annotated[list[Code], Field(max_length=100)] = []
    relations: Annotated[list[RelationInput], Field(max_length=100)] = []


@router.post("/evaluators", status_code=201, responses={200: {"description": "Registered before; changed.", "model": EvaluatorView}})
async def register(
    body: EvaluatorInput,
    session: Session,
    cause: CallerCause,
    book: Book,
    hash_key: HashKey,
    response: Response,
    actor: Annotated[Actor, requires(Permission.MANAGE_EVALUATORS)],
) -> EvaluatorView:
    ties = [(relation.kind, relation.value) for relation in body.relations]
    profile = Profile(body.evaluator_id, body.region, body.languages, body.topics, ties)
    row, new = await register_evaluator(session, cause, actor, book, hash_key, profile)
    response.status_code = 201 if new else 200
    return await evaluator_view(session, row)


@router.get("/evaluators")
async def list_evaluators(
    session: Session,
    paging: Annotated[Paging, Depends(EVALUATORS)],
    actor: Annotated[Actor, requires(Permission.READ_EVALUATION)],
    region: str | None = None,
) -> Page[EvaluatorView]:
    return await evaluator_page(session, visible_regions(actor, region), paging)
