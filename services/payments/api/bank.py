"""Files to and from the bank."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Response
from pydantic import BaseModel

from services.payments.api.dependencies import Input
from services.payments.commands.seal_batches import seal_batches
from services.payments.queries import bank
from services.payments.queries.bank import BankFile, Batch, UnmatchedLine
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging

router = api_router("bank")
Reader = Annotated[Context, requires(Permission.READ_PAYMENTS)]


class NewBatches(Input):
    region: str


class Skipped(BaseModel):
    """`code`: account-resting, account-changed, voucher-suspended, programme-ended, order-found or not-payable."""

    disbursement_id: UUID
    code: str


class SealedBatches(BaseModel):
    batches: list[Batch]
    skipped: list[Skipped]


@router.post("/batches", status_code=201)
async def post_batches(context: Annotated[Context, requires(Permission.SEAL_BATCH)], body: NewBatches) -> SealedBatches:
    sealed = await seal_batches(context, body.region)
    skipped = [Skipped(disbursement_id=disbursement_id, code=code) for disbursement_id, code in sealed.skipped]
    return SealedBatches(batches=[Batch.of(row) for row in sealed.batches], skipped=skipped)


@router.get("/batches")
async def list_batches(
    context: Reader,
    paging: Annotated[Paging, Depends(bank.BATCHES)],
    region: str | None = None,
    state: Literal["sealed", "sent"] | None = None,
) -> Page[Batch]:
    return await bank.list_batches(context, paging, region, state)


@router.get("/batches/{batch_id}")
async def read_batch(context: Reader, batch_id: UUID) -> Batch:
    return await bank.read_batch(context, batch_id)


@router.get("/batches/{batch_id}/file", response_class=Response)
async def read_file(context: Reader, batch_id: UUID) -> Response:
    """The bank file, pain.001.001.09."""
    return Response(await bank.read_file(context, batch_id), media_type="application/xml")


@router.get("/bank-files")
async def list_bank_files(
    context: Reader, paging: Annotated[Paging, Depends(bank.BANK_FILES)], state: Literal["taken", "refused"] | None = None
) -> Page[BankFile]:
    return await bank.list_bank_files(context, paging, state)


@router.get("/unmatched")
async def list_unmatched(
    context: Reader, paging: Annotated[Paging, Depends(bank.UNMATCHED)], region: str | None = None
) -> Page[UnmatchedLine]:
    return await bank.list_unmatched(context, paging, region)
