"""/calls/{call_id}/replay: a past call ranked again under other rules. Nothing is kept."""

from uuid import UUID

from services.evaluation.api.dependencies import ReplayReader
from services.evaluation.api.schemas import ReplayInput
from services.evaluation.queries.replay import Columns, ReplayView, read_replay
from shared.web.auth import api_router

router = api_router("replay")


@router.post("/calls/{call_id}/replay")
async def post_call_replay(context: ReplayReader, call_id: UUID, body: ReplayInput) -> ReplayView:
    """Who would be granted under each scenario, beside the call under its own rules. `facts` are the answer of `applications` to the same
    question (`POST /api/applications/calls/{call_id}/replay`). Nothing is kept."""
    return await read_replay(context, call_id, body.scenarios, Columns(**dict(body.facts)), body.rounds)
