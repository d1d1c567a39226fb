"""/lookup"""

from typing import Annotated

from fastapi import Query

from services.payments.api.dependencies import HistoryReader
from services.payments.queries.lookup import look_up
from services.payments.queries.views import LookupView
from shared.web.auth import api_router

router = api_router("lookup")


@router.get("/lookup")
async def get_lookup(context: HistoryReader, ref: Annotated[str, Query(min_length=1, max_length=100)]) -> LookupView:
    return await look_up(context, ref)
