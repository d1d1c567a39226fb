"""/calls/{call_id}: its ranking, the approval of it, its draw"""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.evaluation.api.needs import Book
from services.evaluation.commands.approve_ranking import approve_ranking
from services.evaluation.queries.ranking import read_draw, read_ranking
from services.evaluation.views import DrawView, RankingView
from shared.identity.actor import Actor
from shared.identity.permissions import Permission
from shared.web.app import CallerCause, Session
from shared.web.auth import api_router, requires

router = api_router("calls")


class ApprovalInput(BaseModel):
    """`list_hash` of the list that was read."""

    model_config = ConfigDict(extra="forbid")

    list_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@router.get("/calls/{call_id}/ranking")
async def get_ranking(
    call_id: UUID, session: Session, book: Book, actor: Annotated[Actor, requires(Permission.READ_EVALUATION)]
) -> RankingView:
    return await read_ranking(session, actor, book, call_id)


@router.post("/calls/{call_id}/ranking/approval")
async def approve(
    call_id: UUID,
    body: ApprovalInput,
    session: Session,
    cause: CallerCause,
    book: Book,
    actor: Annotated[Actor, requires(Permission.APPROVE_RANKING)],
) -> RankingView:
    await approve_ranking(session, cause, actor, book, call_id, body.list_hash)
    return await read_ranking(session, actor, book, call_id)


@router.get("/calls/{call_id}/draw")
async def get_draw(call_id: UUID, session: Session, actor: Annotated[Actor, requires(Permission.READ_CALLS)]) -> DrawView:
    """For everybody of the region: a draw that only officers can check is not checked."""
    return await read_draw(session, actor, call_id)
