"""Erasures of what is held about an organisation: which wait for a second officer, and which are in force."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.queries.receipts_of import receipts_of
from services.applications.queries.views import ErasureView
from services.applications.tables import ErasureRow
from shared.identity.permissions import Permission, authorise, visible_regions
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

ERASURES = Sorting({"requested_at": col(ErasureRow.requested_at)}, unique=col(ErasureRow.id), default="-requested_at")


async def list_erasures(
    context: Context, paging: Paging, region: str | None, organisation_id: UUID | None, confirmed: bool | None
) -> Page[ErasureView]:
    """Of the regions in which the actor may read them; an erasure is of the first region of its organisation."""
    regions = visible_regions(context.actor, Permission.READ_RETENTION, region)
    query = select(ErasureRow).where(col(ErasureRow.region).in_(regions))
    if organisation_id is not None:
        query = query.where(col(ErasureRow.organisation_id) == organisation_id)
    if confirmed is not None:
        query = query.where(col(ErasureRow.confirmed_at).is_not(None) if confirmed else col(ErasureRow.confirmed_at).is_(None))
    page = await page_of(context.session, query, paging, ErasureView.of)
    receipts = await receipts_of(context, {one.organisation_id for one in page.items}, regions)
    return page.with_items([one.model_copy(update={"receipts": receipts.get(one.organisation_id, [])}) for one in page.items])


async def read_erasure(context: Context, erasure_id: UUID) -> ErasureView:
    erasure = await context.session.get(ErasureRow, erasure_id)
    if erasure is None:
        raise NotFound("unknown-erasure", "There is no such erasure.")
    authorise(context.actor, Permission.READ_RETENTION, region=erasure.region)
    receipts = await receipts_of(context, {erasure.organisation_id}, visible_regions(context.actor, Permission.READ_RETENTION, None))
    return ErasureView.of(erasure).model_copy(update={"receipts": receipts.get(erasure.organisation_id, [])})
