"""A person of finance uploads a file of the bank. Nothing of it is applied before a second person has read what it would do, and
confirms."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.bank_uploads import MOST_BYTES, check_length
from services.payments.domain.states import UploadState
from services.payments.locks import lock_bank_file
from services.payments.steps.bank_files import DeliveredFile, read_bank_file
from services.payments.steps.bank_uploads import preview
from services.payments.tables import BankUploadRow
from shared.identity.permissions import Permission, require_person, require_role
from shared.kernel.errors import Conflict, Refused
from shared.kernel.ids import new_id
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class NewUpload:
    """`sha256` is of the content."""

    name: str
    sha256: str
    content: bytes = field(repr=False)


async def upload_bank_file(context: Context, new: NewUpload) -> BankUploadRow:
    """A file that cannot be read, or is about nothing of ours, is kept as refused, without its content.

    `Conflict` 'bank-file-known' or 'upload-waits'; `Forbidden` for a file about a region in which the person resolves no lines.
    """
    require_role(context.actor, Permission.RESOLVE_BANK_LINE)
    require_person(context.actor)
    await lock_bank_file(context, new.sha256)
    await _refuse_waiting(context, new.sha256)
    try:
        read = await read_bank_file(context, new.content, MOST_BYTES)
        check_length(len(read.lines))
        shown = await preview(context, Permission.RESOLVE_BANK_LINE, DeliveredFile(new.name, new.sha256, new.content), read)
    except Refused as refusal:
        if refusal.status != Refused.status:  # not about the content: who uploads it, or that it is known
            raise
        kept: dict[str, Any] = {"state": UploadState.REFUSED, "reason": refusal.code, "place": refusal.field, "removed_at": context.now}
    else:
        kept = {"message": shown.message, "lines": len(shown.lines), "region": shown.region, "content": new.content}
    upload = BankUploadRow(
        id=new_id(), sha256=new.sha256, name=new.name, size_bytes=len(new.content), proposed_by=context.actor.id,
        proposed_at=context.now, **kept,
    )  # fmt: skip
    context.session.add(upload)
    await context.session.flush()
    return upload


async def _refuse_waiting(context: Context, sha256: str) -> None:
    """`Conflict` 'upload-waits'."""
    waiting = (col(BankUploadRow.sha256) == sha256, col(BankUploadRow.state) == UploadState.PROPOSED)
    if await context.session.scalar(select(col(BankUploadRow.id)).where(*waiting)) is not None:
        raise Conflict("upload-waits", "The same file was uploaded before and waits for its confirmation. Nothing is done a second time.")
