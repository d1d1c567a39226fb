"""/open-draws/{call_id}: the draw of a call with its published list, for everybody"""

from uuid import UUID

from services.evaluation.api.dependencies import Anybody
from services.evaluation.queries.draw import read_open_draw
from services.evaluation.queries.views import DrawView
from shared.web.auth import open_router

router = open_router("open draws")


@router.get("/open-draws/{call_id}")
async def get_open_draw(context: Anybody, call_id: UUID) -> DrawView:
    """A draw is public: who did not apply may check it too. Applications are named by their ids alone."""
    return await read_open_draw(context, call_id)
