"""What a file of the bank would do, line by line, without doing it."""

from uuid import UUID

from services.payments.domain.bank_uploads import MOST_BYTES, check_length
from services.payments.domain.states import UploadState
from services.payments.queries.bank_uploads import upload_of
from services.payments.queries.desk_views import BankFilePreviewView
from services.payments.steps.bank_files import DeliveredFile, read_bank_file
from services.payments.steps.bank_uploads import delivered, preview
from shared.identity.permissions import Permission
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def preview_bank_file(context: Context, file: DeliveredFile) -> BankFilePreviewView:
    """Of a file that nobody has uploaded. `Refused` as the reader, 'upload-too-long' or 'nothing-of-ours'; `Conflict` 'bank-file-known';
    `Forbidden`."""
    read = await read_bank_file(context, file.data, MOST_BYTES)
    check_length(len(read.lines))
    return await preview(context, Permission.RESOLVE_BANK_LINE, file, read)


async def preview_bank_upload(context: Context, upload_id: UUID) -> BankFilePreviewView:
    """Of an upload that waits. `NotFound` 'no-such-proposal'; `Conflict` 'decided-already', or 'bank-file-known' when the file has come by
    the folder meanwhile."""
    upload = await upload_of(context, Permission.READ_PAYMENTS, upload_id)
    if upload.state != UploadState.PROPOSED:
        raise Conflict("decided-already", "The proposal is {state} already.", state=upload.state)
    file = delivered(upload)
    return await preview(context, Permission.READ_PAYMENTS, file, await read_bank_file(context, file.data, MOST_BYTES))
