"""/calls/{call_id}: how far its evaluation is, its ranking, the same under other assumptions, the approval of the ranking, its draw and
the public randomness of that"""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.evaluation.api.dependencies import CallManager, CallReader, EvaluationReader, RankingApprover
from services.evaluation.api.schemas import RandomnessInput, RankingApprovalInput
from services.evaluation.commands.approve_ranking import approve_ranking
from services.evaluation.commands.record_randomness import record_randomness
from services.evaluation.domain.what_if import Supposition
from services.evaluation.queries.draw import read_draw
from services.evaluation.queries.progress import read_evaluation
from services.evaluation.queries.ranking import read_ranking
from services.evaluation.queries.views import DrawView, EvaluationView, RankingView, WhatIfView
from services.evaluation.queries.what_if import read_what_if
from shared.web.auth import api_router
from shared.web.schemas import LARGEST_MINOR

router = api_router("calls")


@router.get("/calls/{call_id}/ranking")
async def get_call_ranking(context: EvaluationReader, call_id: UUID) -> RankingView:
    return await read_ranking(context, call_id)


@router.get("/calls/{call_id}/evaluation")
async def get_call_evaluation(context: EvaluationReader, call_id: UUID) -> EvaluationView:
    return await read_evaluation(context, call_id)


@router.get("/calls/{call_id}/ranking/what-if")
async def get_call_what_if(
    context: EvaluationReader,
    call_id: UUID,
    envelope_minor: Annotated[int | None, Query(ge=0, le=LARGEST_MINOR)] = None,
    threshold: Annotated[int | None, Query(ge=0, le=100)] = None,
    weight: Annotated[list[Annotated[str, Query(pattern=r"^[a-z][a-z0-9-]{0,79}:\d{1,4}$")]] | None, Query(max_length=50)] = None,
) -> WhatIfView:
    """The list under another budget, threshold or weights ('relevance:40', one for each criterion). The record does not change."""
    weights = {name: int(number) for name, _, number in (each.partition(":") for each in weight or [])}
    return await read_what_if(context, call_id, Supposition(envelope_minor, threshold, weights or None))


@router.post("/calls/{call_id}/ranking/approval")
async def post_call_ranking_approval(context: RankingApprover, call_id: UUID, body: RankingApprovalInput) -> RankingView:
    await approve_ranking(context, call_id, list_hash=body.list_hash)
    return await read_ranking(context, call_id)


@router.post("/calls/{call_id}/randomness")
async def post_call_randomness(context: CallManager, call_id: UUID, body: RandomnessInput) -> DrawView:
    """The round of the beacon that the policy names: the first after the end of screening. The draw waits for it."""
    await record_randomness(context, call_id, body.file)
    return await read_draw(context, call_id)


@router.get("/calls/{call_id}/draw")
async def get_call_draw(context: CallReader, call_id: UUID) -> DrawView:
    """For every role of the region: applicants must be able to check a draw, not only officers."""
    return await read_draw(context, call_id)
