"""/lookup"""

from typing import Annotated

from fastapi import Query

from services.applications.api.dependencies import HistoryReader
from services.applications.queries.lookup import look_up
from services.applications.queries.views import LookupView
from shared.web.auth import api_router

router = api_router("lookup")


@router.get("/lookup")
async def get_lookup(context: HistoryReader, ref: Annotated[str, Query(min_length=1, max_length=100)]) -> LookupView:
    """Finds an application or a call by its id, or an application by its receipt number."""
    return await look_up(context, ref)
