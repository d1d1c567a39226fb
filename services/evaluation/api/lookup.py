"""/lookup"""

from typing import Annotated

from fastapi import Query

from services.evaluation.queries.lookup import look_up
from services.evaluation.queries.views import LookupView
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import api_router, requires

router = api_router("lookup")


@router.get("/lookup")
async def find(
    context: Annotated[Context, requires(Permission.READ_HISTORY)], ref: Annotated[str, Query(min_length=1, max_length=100)]
) -> LookupView:
    return await look_up(context, ref)
