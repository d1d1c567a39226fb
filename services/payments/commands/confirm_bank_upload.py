"""A second person has read what an uploaded file of the bank does: it is imported like one from the bank's folder."""

from uuid import UUID

from services.payments.domain.bank_uploads import MOST_BYTES, require_as_shown
from services.payments.steps.bank_files import read_bank_file
from services.payments.steps.bank_uploads import delivered, lock_open_upload, results_of, take_file, take_parts
from services.payments.steps.two_persons import confirm
from services.payments.tables import BankUploadRow
from shared.identity.permissions import Permission, authorise, require_person
from shared.messaging.context import Context


async def confirm_bank_upload(context: Context, upload_id: UUID, shown: str) -> BankUploadRow:
    """By a person who did not upload it, and prepared no payment that it changes. `shown`: the fingerprint of the preview that the person
    read; the file does that, or nothing.

    `Forbidden` 'proposed-yourself', 'incompatible-step' or 'foreign-region'; `Conflict` 'decided-already', 'bank-file-known',
    'preview-changed'.
    """
    upload = await lock_open_upload(context, upload_id)
    require_person(context.actor)
    confirm(context, upload)
    file = delivered(upload)
    taken = await take_file(context, file, await read_bank_file(context, file.data, MOST_BYTES))
    authorise(context.actor, Permission.RESOLVE_BANK_LINE, region=taken.region)
    require_as_shown(shown, results_of(taken.lines))
    await take_parts(context, taken.lines)
    taken.row.upload_id = upload.id
    return upload
