"""Files of an application, for those who may read all of it."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from services.applications.queries.applications import whole_application_of
from services.applications.tables import FileRow
from shared.files.clamav import ScanState
from shared.files.sealed import open_content
from shared.files.store import FileStore
from shared.identity.permissions import Permission
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.web.access_log import Shown, record_access


class FileView(BaseModel):
    """`question` is the id of the question that it answers. `scan`: clean, or unscanned where the installation has no scanner.
    `revision`: the first submission that names it, null before. From `removed_at` on it is part of earlier submissions only. `name` is
    null of a file whose content is deleted."""

    id: UUID
    application_id: UUID
    question: str
    name: str | None
    media_type: str
    size_bytes: int
    sha256: str
    scan: ScanState
    uploaded_at: datetime
    revision: int | None
    removed_at: datetime | None

    @classmethod
    def of(cls, row: FileRow) -> Self:
        return cls.model_validate(row, from_attributes=True)


async def given_file(context: Context, file_id: UUID) -> FileView:
    """As its applicant sees it after a change."""
    return FileView.of(await context.session.get_one(FileRow, file_id))


async def files_of(context: Context, application_id: UUID) -> list[FileView]:
    """Those whose content is kept, in the order in which they were given; the reading is recorded. Raises as `whole_application_of`."""
    await whole_application_of(context, application_id)
    row = FileRow
    query = select(row).where(col(row.application_id) == application_id, col(row.deleted_at).is_(None)).order_by(col(row.id))
    return [FileView.of(one) for one in await context.session.scalars(query)]


async def file_of(context: Context, application_id: UUID, file_id: UUID) -> FileRow:
    """A file that may be read; the reading is recorded. Raises as `whole_application_of`, and `NotFound` 'unknown-file'."""
    await whole_application_of(context, application_id)
    file = await context.session.get(FileRow, file_id)
    if file is None or file.application_id != application_id or file.deleted_at is not None or file.name is None:
        raise _unknown()
    await record_access(context, Permission.READ_APPLICATION, [(file.id, file.region)], Shown.FILE)
    return file


async def content_of(context: Context, store: FileStore, file: FileRow) -> bytes:
    """`NotFound` 'unknown-file' when the store has it no longer; `Unavailable`; `SealBroken` for a content that was changed or moved."""
    stored = await store.get(file.id)
    content = None if stored is None else await open_content(context.session, file.organisation_id, (file.id, file.application_id), stored)
    if content is None:
        raise _unknown()
    return content


def _unknown() -> NotFound:
    return NotFound("unknown-file", "There is no such file.")
