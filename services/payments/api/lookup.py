"""From any id that payments owns to the case that it belongs to."""

from contextlib import suppress
from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payments.queries.cases import Case, find_case
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.web.auth import api_router, requires

router = api_router("lookup")


@router.get("/lookup")
async def look_up(
    context: Annotated[Context, requires(Permission.READ_HISTORY)], ref: Annotated[str, Query(min_length=1, max_length=100)]
) -> Case:
    found: Case | None = None
    with suppress(ValueError):  # not an id: payments gives out no other references
        found = await find_case(context, UUID(ref.strip()))
    if found is None:
        raise NotFound("unknown-reference", "Payments knows nothing by this reference.")
    authorise(context.actor, Permission.READ_HISTORY, region=found.region)
    return found
