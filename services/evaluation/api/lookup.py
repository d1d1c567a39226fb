"""/lookup"""

from typing import Annotated

from fastapi import Query

from services.evaluation.queries.lookup import look_up
from services.evaluation.views import LookupView
from shared.identity.actor import Actor
from shared.identity.permissions import Permission
from shared.web.app import Session
from shared.web.auth import api_router, requires

router = api_router("lookup")


@router.get("/lookup")
async def find(
    ref: Annotated[str, Query(min_length=1, max_length=100)], session: Session, actor: Annotated[Actor, requires(Permission.READ_HISTORY)]
) -> LookupView:
    return await look_up(session, actor, ref)
