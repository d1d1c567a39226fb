"""/lookup"""

from typing import Annotated

from fastapi import Query

from services.vouchers.api.dependencies import HistoryReader
from services.vouchers.queries.lookup import look_up
from services.vouchers.queries.views import LookupView
from shared.web.auth import api_router

router = api_router("lookup")


@router.get("/lookup")
async def get_lookup(context: HistoryReader, ref: Annotated[str, Query(min_length=1, max_length=100)]) -> LookupView:
    """Takes a voucher id, an award id or a voucher code."""
    return await look_up(context, ref)
