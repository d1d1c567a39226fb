"""/erasures: requested by one officer, confirmed by another."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.applications.api.dependencies import Eraser, RetentionReader
from services.applications.api.schemas import ErasureInput
from services.applications.commands.confirm_erasure import confirm_erasure
from services.applications.commands.request_erasure import request_erasure
from services.applications.queries import erasures
from services.applications.queries.views import ErasureView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("erasures", "/erasures")


@router.post("", status_code=201)
async def post_erasure(context: Eraser, body: ErasureInput) -> ErasureView:
    """Nothing is erased before another officer confirms it. Repeating gives the same request."""
    return ErasureView.of(await request_erasure(context, body.organisation_id, body.reason))


@router.post("/{erasure_id}/confirmation")
async def post_erasure_confirmation(context: Eraser, erasure_id: UUID) -> ErasureView:
    """What is held about the organisation is erased in all services: names, addresses, accounts, answers. It cannot be undone."""
    return ErasureView.of(await confirm_erasure(context, erasure_id))


@router.get("")
async def list_erasures(
    context: RetentionReader,
    paging: Annotated[Paging, Depends(erasures.ERASURES)],
    region: str | None = None,
    organisation_id: UUID | None = None,
    confirmed: bool | None = None,
) -> Page[ErasureView]:
    """Without `confirmed` those that wait for a second officer and those in force."""
    return await erasures.list_erasures(context, paging, region, organisation_id, confirmed)


@router.get("/{erasure_id}")
async def get_erasure(context: RetentionReader, erasure_id: UUID) -> ErasureView:
    return await erasures.read_erasure(context, erasure_id)
