"""From any id that payments owns to the case that it belongs to."""

from contextlib import suppress
from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payments.queries.cases import Case, find_case
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.web.app import Session
from shared.web.auth import api_router, requires

router = api_router("lookup")


@router.get("/lookup")
async def look_up(
    ref: Annotated[str, Query(min_length=1, max_length=100)], session: Session, actor: Annotated[Actor, requires(Permission.READ_HISTORY)]
) -> Case:
    found: Case | None = None
    with suppress(ValueError):  # not an id: payments gives out no other references
        found = await find_case(session, UUID(ref.strip()))
    if found is None:
        raise NotFound("unknown-reference", "Payments knows nothing by this reference.")
    authorise(actor, Permission.READ_HISTORY, region=found.region)
    return found
