"""A file of the bank is deleted from the folder of those that were taken, and so is the content of its upload; its lines stay."""

from services.payments.steps.bank_words import remove_words_of_file
from services.payments.tables import BankFileRow, BankUploadRow
from shared.messaging.context import Context


async def record_bank_file_removed(context: Context, sha256: str) -> None:
    file = await context.session.get_one(BankFileRow, sha256)
    file.removed_at = file.removed_at or context.now
    await remove_words_of_file(context, sha256)
    if file.upload_id is not None:
        upload = await context.session.get_one(BankUploadRow, file.upload_id)
        upload.content, upload.removed_at = None, upload.removed_at or context.now
