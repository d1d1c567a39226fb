"""A file of the bank is deleted from the folder of those that were taken; its lines stay."""

from services.payments.tables import BankFileRow
from shared.messaging.context import Context


async def record_bank_file_removed(context: Context, sha256: str) -> None:
    file = await context.session.get_one(BankFileRow, sha256)
    file.removed_at = file.removed_at or context.now
