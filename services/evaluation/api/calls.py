"""/calls/{call_id}: its ranking, the approval of the ranking, its draw and the public randomness of that"""

from uuid import UUID

from services.evaluation.api.dependencies import CallManager, CallReader, EvaluationReader, RankingApprover
from services.evaluation.api.schemas import RandomnessInput, RankingApprovalInput
from services.evaluation.commands.approve_ranking import approve_ranking
from services.evaluation.commands.record_randomness import record_randomness
from services.evaluation.queries.draw import read_draw
from services.evaluation.queries.ranking import read_ranking
from services.evaluation.queries.views import DrawView, RankingView
from shared.web.auth import api_router

router = api_router("calls")


@router.get("/calls/{call_id}/ranking")
async def get_call_ranking(context: EvaluationReader, call_id: UUID) -> RankingView:
    return await read_ranking(context, call_id)


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
