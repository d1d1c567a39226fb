"""/erasures: requested by one officer, confirmed by another."""

from uuid import UUID

from services.applications.api.dependencies import Eraser
from services.applications.api.schemas import ErasureInput
from services.applications.commands.confirm_erasure import confirm_erasure
from services.applications.commands.request_erasure import request_erasure
from services.applications.queries.views import ErasureView
from shared.web.auth import api_router

router = api_router("erasures", "/erasures")


@router.post("", status_code=201)
async def post_erasure(context: Eraser, body: ErasureInput) -> ErasureView:
    """Nothing is erased before another officer confirms it. Repeating gives the same request."""
    return ErasureView.of(await request_erasure(context, body.organisation_id, body.reason))


@router.post("/{erasure_id}/confirmation")
async def post_erasure_confirmation(context: Eraser, erasure_id: UUID) -> ErasureView:
    """What is held about the organisation is erased in all services: names, addresses, accounts, answers. It cannot be undone."""
    return ErasureView.of(await confirm_erasure(context, erasure_id))
