"""/desk: what waits for officers; /pipelines: how far calls are."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.applications.api.dependencies import DeskReader
from services.applications.queries import desk
from services.applications.queries.desk import DeskView, PipelineView
from shared.web.auth import api_router
from shared.web.paging import MAX_LIMIT

router = api_router("desk")


@router.get("/desk")
async def get_desk(context: DeskReader, region: str | None = None) -> DeskView:
    """How much of each kind, over all regions of the caller, or in `region`."""
    return await desk.get_desk(context, region)


@router.get("/pipelines")
async def list_pipelines(
    context: DeskReader, call_id: Annotated[list[UUID], Query(max_length=MAX_LIMIT, description="Several times, for several calls")]
) -> list[PipelineView]:
    """Of those calls of the caller's regions that have applications."""
    return await desk.pipelines(context, call_id)
