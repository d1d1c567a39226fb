"""/bank-uploads: files of the bank that one person uploads and a second one confirms, and what a file would do"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.payments.api.dependencies import BankLineResolver, PaymentReader
from services.payments.api.schemas import UploadConfirmationInput
from services.payments.commands.confirm_bank_upload import confirm_bank_upload
from services.payments.commands.preview_bank_file import preview_bank_file, preview_bank_upload
from services.payments.commands.reject_bank_upload import reject_bank_upload
from services.payments.commands.upload_bank_file import NewUpload, upload_bank_file
from services.payments.queries import bank_uploads
from services.payments.queries.bank_uploads import UploadFilter
from services.payments.queries.desk_views import BankFilePreviewView, BankUploadView
from services.payments.steps.bank_files import DeliveredFile
from shared.web.auth import api_router
from shared.web.paging import Page, Paging
from shared.web.uploads import BODY, FileName, TakenFile

router = api_router("bank-uploads")


@router.post("/bank-files/preview", openapi_extra=BODY)
async def post_bank_file_preview(context: BankLineResolver, file_name: FileName, file: TakenFile) -> BankFilePreviewView:
    """What the file, as the body, would do if it were imported now. Nothing of it is kept."""
    return await preview_bank_file(context, DeliveredFile(file.name, file.sha256, file.content))


@router.post("/bank-uploads", status_code=201, openapi_extra=BODY)
async def post_bank_upload(context: BankLineResolver, file_name: FileName, file: TakenFile) -> BankUploadView:
    """A statement or status report of the bank, as the body. A second person confirms it; one that cannot be read is kept as refused."""
    return BankUploadView.of(await upload_bank_file(context, NewUpload(file.name, file.sha256, file.content)))


@router.get("/bank-uploads")
async def list_bank_uploads(
    context: PaymentReader, paging: Annotated[Paging, Depends(bank_uploads.UPLOADS)], wanted: Annotated[UploadFilter, Query()]
) -> Page[BankUploadView]:
    return await bank_uploads.list_bank_uploads(context, paging, wanted)


@router.get("/bank-uploads/{upload_id}")
async def get_bank_upload(context: PaymentReader, upload_id: UUID) -> BankUploadView:
    return await bank_uploads.get_bank_upload(context, upload_id)


@router.get("/bank-uploads/{upload_id}/preview")
async def get_bank_upload_preview(context: PaymentReader, upload_id: UUID) -> BankFilePreviewView:
    """What the file would do now, with the fingerprint that its confirmation needs."""
    return await preview_bank_upload(context, upload_id)


@router.post("/bank-uploads/{upload_id}/confirmation")
async def post_bank_upload_confirmation(context: BankLineResolver, upload_id: UUID, body: UploadConfirmationInput) -> BankUploadView:
    """Imports the file if it does what was read. `preview-changed`, and nothing is done, when it does not."""
    return BankUploadView.of(await confirm_bank_upload(context, upload_id, body.fingerprint))


@router.post("/bank-uploads/{upload_id}/rejection")
async def post_bank_upload_rejection(context: BankLineResolver, upload_id: UUID) -> BankUploadView:
    return BankUploadView.of(await reject_bank_upload(context, upload_id))
