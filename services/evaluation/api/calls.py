"""/calls/{call_id}: its ranking, the approval of it, its draw"""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.evaluation.commands.approve_ranking import approve_ranking
from services.evaluation.queries.ranking import read_draw, read_ranking
from services.evaluation.queries.views import DrawView, RankingView
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import api_router, requires

router = api_router("calls")


class ApprovalInput(BaseModel):
    """`list_hash` of the list that was read."""

    model_config = ConfigDict(extra="forbid")

    list_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@router.get("/calls/{call_id}/ranking")
async def get_ranking(context: Annotated[Context, requires(Permission.READ_EVALUATION)], call_id: UUID) -> RankingView:
    return await read_ranking(context, call_id)


@router.post("/calls/{call_id}/ranking/approval")
async def approve(context: Annotated[Context, requires(Permission.APPROVE_RANKING)], call_id: UUID, body: ApprovalInput) -> RankingView:
    await approve_ranking(context, call_id, body.list_hash)
    return await read_ranking(context, call_id)


@router.get("/calls/{call_id}/draw")
async def get_draw(context: Annotated[Context, requires(Permission.READ_CALLS)], call_id: UUID) -> DrawView:
    """For everybody of the region: a draw that only officers can check is not checked."""
    return await read_draw(context, call_id)
