"""/bank-files: files from the bank, and their lines that match no payment until a person has resolved them"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.payments.api.dependencies import BankLineResolver, PaymentReader
from services.payments.api.schemas import ResolutionInput
from services.payments.commands.resolve_bank_line import resolve_bank_line
from services.payments.domain.states import BankFileState
from services.payments.queries import bank_files
from services.payments.queries.views import BankFileView, UnmatchedLineView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("bank-files")


@router.get("/bank-files")
async def list_bank_files(
    context: PaymentReader, paging: Annotated[Paging, Depends(bank_files.BANK_FILES)], state: BankFileState | None = None
) -> Page[BankFileView]:
    return await bank_files.list_bank_files(context, paging, state)


@router.get("/unmatched")
async def list_unmatched(
    context: PaymentReader, paging: Annotated[Paging, Depends(bank_files.UNMATCHED)], region: str | None = None
) -> Page[UnmatchedLineView]:
    return await bank_files.list_unmatched(context, paging, region)


@router.post("/bank-lines/{line_id}/resolution")
async def post_bank_line_resolution(context: BankLineResolver, line_id: UUID, body: ResolutionInput) -> UnmatchedLineView:
    return UnmatchedLineView.of(await resolve_bank_line(context, line_id, body.resolution))
