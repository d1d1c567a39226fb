"""What a number that somebody holds belongs to."""

from typing import Annotated

from fastapi import Query

from services.applications.queries import lookup
from services.applications.queries.lookup import Found
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.web.auth import api_router, requires

router = api_router("lookup")


@router.get("/lookup")
async def look_up(
    context: Annotated[Context, requires(Permission.READ_HISTORY)], ref: Annotated[str, Query(min_length=1, max_length=100)]
) -> Found:
    """An application's id, a call's id or a receipt number."""
    found = await lookup.find(context, ref)
    if found is None:
        raise NotFound("unknown-reference", "Nothing here has this number.")
    authorise(context.actor, Permission.READ_HISTORY, region=found.region)
    return found
