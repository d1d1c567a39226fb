"""Calls of the actor's regions."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import col

from services.applications.locks import read_call
from services.applications.tables import CallRow
from shared.database.scope import in_scope
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, Unowned, authorise
from shared.messaging.context import Context
from shared.web.paging import Sorting

CALLS = Sorting({"opens_at": col(CallRow.opens_at), "closes_at": col(CallRow.closes_at)}, unique=col(CallRow.id), default="opens_at")


def calls(actor: Actor, region: str | None, state: str | None, slug: str | None) -> Select[CallRow]:
    """Calls of the actor's regions."""
    query = select(CallRow).where(in_scope(actor, Permission.READ_CALLS, region, CallRow, owner=Unowned.OPEN))
    if state is not None:
        query = query.where(col(CallRow.state) == state)
    return query if slug is None else query.where(col(CallRow.slug) == slug)


async def call_of(context: Context, call_id: UUID) -> CallRow:
    """One call. Raises NotFound, Forbidden."""
    call = await read_call(context, call_id)
    authorise(context.actor, Permission.READ_CALLS, region=call.region, owner=Unowned.OPEN)
    return call
