"""/evaluators"""

from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from services.evaluation.api.dependencies import HashKey
from services.evaluation.commands.register_evaluator import Profile, register_evaluator
from services.evaluation.queries.evaluators import EVALUATORS, evaluator_page, evaluator_view
from services.evaluation.queries.views import EvaluatorView
from shared.contracts.common import Code
from shared.identity.permissions import Permission, visible_regions
from shared.messaging.context import Context
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
    context: Annotated[Context, requires(Permission.MANAGE_EVALUATORS)], body: EvaluatorInput, hash_key: HashKey, response: Response
) -> EvaluatorView:
    ties = [(relation.kind, relation.value) for relation in body.relations]
    profile = Profile(body.evaluator_id, body.region, body.languages, body.topics, ties)
    row, new = await register_evaluator(context, hash_key, profile)
    response.status_code = 201 if new else 200
    return await evaluator_view(context, row)


@router.get("/evaluators")
async def list_evaluators(
    context: Annotated[Context, requires(Permission.READ_EVALUATION)],
    paging: Annotated[Paging, Depends(EVALUATORS)],
    region: str | None = None,
) -> Page[EvaluatorView]:
    return await evaluator_page(context, visible_regions(context.actor, region), paging)
