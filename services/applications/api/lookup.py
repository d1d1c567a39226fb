"""What a number that somebody holds belongs to."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from services.applications import queries
from services.applications.tables import ApplicationRow
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.web.app import Session
from shared.web.auth import api_router, requires

router = api_router("lookup")


class Found(BaseModel):
    """`application_id` is null for a call."""

    kind: Literal["application", "call"]
    application_id: UUID | None
    call_id: UUID
    region: str


@router.get("/lookup")
async def look_up(
    ref: Annotated[str, Query(min_length=1, max_length=100)],
    session: Session,
    actor: Annotated[Actor, requires(Permission.READ_HISTORY)],
) -> Found:
    """An application's id, a call's id or a receipt number."""
    row = await queries.find_reference(session, ref)
    if row is None:
        raise NotFound("unknown-reference", "Nothing here has this number.")
    authorise(actor, Permission.READ_HISTORY, region=row.region)
    if isinstance(row, ApplicationRow):
        return Found(kind="application", application_id=row.id, call_id=row.call_id, region=row.region)
    return Found(kind="call", application_id=None, call_id=row.id, region=row.region)
