"""Imports a file from the bank's folder: known by its hash, every line stored with its outcome, all in one transaction."""

from services.payments.domain.refused_files import MISSING
from services.payments.domain.states import BankFileState
from services.payments.steps.bank_files import DeliveredFile, find_or_add_file, read_bank_file, take_lines
from services.payments.tables import BankFileRow
from shared.kernel.errors import Refused
from shared.messaging.context import Context

UNUSABLE_NAME = "unusable-name"


async def import_bank_file(context: Context, delivered: DeliveredFile, max_bytes: int) -> BankFileRow:
    """A file that was taken changes nothing when it comes again, whatever its name. One that cannot be read is stored as refused, with the
    reason; when it comes again in order, or where it can be read by now, it is imported.

    The state of the returned row says into which folder the file belongs.
    """
    file, is_new = await find_or_add_file(context, delivered)
    if not is_new and (delivered.refusal or file.state == BankFileState.TAKEN):
        return file
    file.name = delivered.name
    if delivered.refusal:
        file.state, file.reason = BankFileState.REFUSED, delivered.refusal
        return file
    try:
        read = await read_bank_file(context, delivered.data, max_bytes)
    except Refused as unreadable:
        file.state, file.reason, file.place = BankFileState.REFUSED, unreadable.code, unreadable.field
        return file
    await take_lines(context, file, read)
    return file


async def retry_bank_file(context: Context, sha256: str, delivered: DeliveredFile | None, max_bytes: int) -> BankFileRow:
    """A person wants a refused file to be read once more. `delivered` None: it is not where refused files are kept, which becomes the
    reason."""
    file = await context.session.get_one(BankFileRow, sha256, with_for_update=True)
    if delivered is None:
        file.reason, file.place = MISSING, None
    elif delivered.refusal:
        file.reason, file.place = delivered.refusal, None
    else:
        file = await import_bank_file(context, delivered, max_bytes)
    file.retry_at = None
    return file
