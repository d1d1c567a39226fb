"""/batches: payment files to the bank"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from services.payments.api.dependencies import BatchReleaser, PaymentReader, Sealer
from services.payments.api.schemas import BatchesInput
from services.payments.commands.release_batch import release_batch
from services.payments.commands.seal_batches import seal_batches
from services.payments.domain.states import BatchState
from services.payments.queries import batches
from services.payments.queries.views import BatchView, SealedBatchesView, SkippedDisbursementView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging
from shared.web.uploads import BINARY

router = api_router("batches")


@router.post(
    "/batches", status_code=201, responses={200: {"description": "Nothing could be sealed: no batch was made.", "model": SealedBatchesView}}
)
async def post_batches(context: Sealer, body: BatchesInput, response: Response) -> SealedBatchesView:
    """Seals all that is approved in the region and may be paid now. `skipped` says why each of the others waits."""
    sealed = await seal_batches(context, body.region)
    response.status_code = 201 if sealed.batches else 200
    skipped = [SkippedDisbursementView(disbursement_id=disbursement_id, code=reason) for disbursement_id, reason in sealed.skipped]
    return SealedBatchesView(batches=[BatchView.of(row) for row in sealed.batches], skipped=skipped)


@router.post("/batches/{batch_id}/release")
async def post_batch_release(context: BatchReleaser, batch_id: UUID) -> BatchView:
    return BatchView.of(await release_batch(context, batch_id))


@router.get("/batches")
async def list_batches(
    context: PaymentReader,
    paging: Annotated[Paging, Depends(batches.BATCHES)],
    region: str | None = None,
    state: BatchState | None = None,
) -> Page[BatchView]:
    return await batches.list_batches(context, paging, region, state)


@router.get("/batches/{batch_id}")
async def get_batch(context: PaymentReader, batch_id: UUID) -> BatchView:
    return await batches.get_batch(context, batch_id)


@router.get("/batches/{batch_id}/file", response_class=Response, responses={200: {"content": {"application/xml": {"schema": BINARY}}}})
async def get_batch_file(context: PaymentReader, batch_id: UUID) -> Response:
    """The payment file, pain.001.001.09."""
    return Response(await batches.get_file(context, batch_id), media_type="application/xml")
