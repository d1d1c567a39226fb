"""An uploaded file of the bank is rejected, or taken back by who uploaded it: nothing of it is applied, and its content goes."""

from uuid import UUID

from services.payments.steps.bank_uploads import lock_open_upload
from services.payments.steps.two_persons import reject
from services.payments.tables import BankUploadRow
from shared.messaging.context import Context


async def reject_bank_upload(context: Context, upload_id: UUID) -> BankUploadRow:
    """`NotFound` 'no-such-proposal', `Conflict` 'decided-already'."""
    upload = await lock_open_upload(context, upload_id)
    reject(context, upload)
    upload.content, upload.removed_at = None, context.now
    return upload
