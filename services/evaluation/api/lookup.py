"""/lookup"""

from typing import Annotated

from fastapi import Query

from services.evaluation.api.dependencies import HistoryReader
from services.evaluation.queries.lookup import LookupView, look_up
from shared.web.auth import api_router

router = api_router("lookup")


@router.get("/lookup")
async def get_lookup(context: HistoryReader, ref: Annotated[str, Query(min_length=1, max_length=100)]) -> LookupView:
    return await look_up(context, ref)
