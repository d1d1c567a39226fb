"""/desk: what waits for officers."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.applications.api.dependencies import Screener
from services.applications.queries import desk
from services.applications.queries.desk import DeskView
from shared.web.auth import api_router
from shared.web.paging import MAX_LIMIT

router = api_router("desk")


@router.get("/desk")
async def get_desk(
    context: Screener,
    region: str | None = None,
    call_id: Annotated[list[UUID] | None, Query(max_length=MAX_LIMIT, description="Whose pipeline is wanted; several times")] = None,
) -> DeskView:
    """How much of each kind, over all regions of the caller, or in `region`."""
    return await desk.get_desk(context, region, call_id or [])
