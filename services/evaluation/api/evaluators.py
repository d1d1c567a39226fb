"""/evaluators"""

from typing import Annotated

from fastapi import Depends, Response

from services.evaluation.api.dependencies import EvaluationReader, EvaluatorManager
from services.evaluation.api.schemas import EvaluatorInput
from services.evaluation.commands.register_evaluator import EvaluatorProfile, register_evaluator
from services.evaluation.queries.evaluators import EVALUATORS, evaluator_page, evaluator_view
from services.evaluation.queries.views import EvaluatorView
from shared.identity.actor import pseudonym
from shared.web.auth import api_router
from shared.web.hash_key import HashKey
from shared.web.paging import Page, Paging

router = api_router("evaluators")


@router.post("/evaluators", status_code=201, responses={200: {"description": "Was registered before; updated.", "model": EvaluatorView}})
async def post_evaluator(context: EvaluatorManager, body: EvaluatorInput, hash_key: HashKey, response: Response) -> EvaluatorView:
    relations = [(relation.kind, relation.value) for relation in body.relations]
    profile = EvaluatorProfile(pseudonym(hash_key, body.evaluator_id), body.region, body.languages, body.topics, relations)
    row, new = await register_evaluator(context, hash_key, profile)
    response.status_code = 201 if new else 200
    return await evaluator_view(context, row)


@router.get("/evaluators")
async def list_evaluators(
    context: EvaluationReader, paging: Annotated[Paging, Depends(EVALUATORS)], region: str | None = None
) -> Page[EvaluatorView]:
    return await evaluator_page(context, paging, region=region)
