"""/calls/{call_id}/replay: a past call judged again under other rules. Nothing is kept."""

from uuid import UUID

from services.applications.api.dependencies import ReplayReader
from services.applications.api.schemas import ReplayInput
from services.applications.queries.replay import ReplayFactsView, ReplayValuesView, read_replay_facts, read_replay_values
from shared.web.auth import api_router
from shared.web.language import Language

router = api_router("replay")


@router.get("/calls/{call_id}/replay-values")
async def get_call_replay_values(context: ReplayReader, call_id: UUID, language: Language) -> ReplayValuesView:
    """What a scenario can change in the rules of this call, with the values that it had."""
    return await read_replay_values(context, call_id, language)


@router.post("/calls/{call_id}/replay")
async def post_call_replay(context: ReplayReader, call_id: UUID, body: ReplayInput) -> ReplayFactsView:
    """Who would be eligible, and with what amount, under each scenario; `evaluation` ranks them with this answer. Nothing is kept."""
    return await read_replay_facts(context, call_id, body.scenarios)
