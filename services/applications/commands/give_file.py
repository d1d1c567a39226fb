"""An applicant gives a file as an answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.files import Given, check_room, file_question, with_file
from services.applications.domain.form import stored_form
from services.applications.steps.drafts import editable, write_answers
from services.applications.tables import FileRow
from shared.files.clamav import ScanState
from shared.files.kinds import MEDIA_TYPES
from shared.files.limits import Limits, checked_kind
from shared.files.sealed import seal_content
from shared.files.store import FileStore
from shared.kernel.ids import new_id
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file for a question. `sha256` is of its content."""

    question: str
    name: str
    content: bytes
    sha256: str
    scan: ScanState


async def give_file(context: Context, store: FileStore, application_id: UUID, file: NewFile, limits: Limits) -> UUID:
    """The id of the file, which is stored and part of the answer. It has no event: what is submitted has one.

    The content is in the store before the row is committed: an object that no row names is removed by a job.
    Raises as `editable`, `file_question`, `check_room`, `checked_kind`; `Refused` 'not-returned-for-this'; `Unavailable`.
    """
    application, definition, *_ = await editable(context, application_id)
    form = stored_form(application.form)
    answer = file_question(form, definition, file.question)
    present = [Given(row.question, row.sha256, row.size_bytes) for row in await _present(context, application.id)]
    check_room(answer, Given(file.question, file.sha256, len(file.content)), present, limits)
    kind = checked_kind(answer.kinds, file.name, file.content)
    file_id = new_id()
    await write_answers(context, application, form, with_file(form, file.question, file_id, file.sha256), definition)
    sealed = await seal_content(context.session, application.organisation_id, (file_id, application.id), file.content)
    await store.put(file_id, sealed)
    row = FileRow(
        id=file_id, application_id=application.id, organisation_id=application.organisation_id, region=application.region,
        question=file.question, name=file.name, media_type=MEDIA_TYPES[kind], size_bytes=len(file.content), sha256=file.sha256,
        stored_sha256=hashlib.sha256(sealed).hexdigest(), scan=file.scan, uploaded_by=context.actor.id, uploaded_at=context.now,
    )  # fmt: skip
    context.session.add(row)
    return file_id


async def _present(context: Context, application_id: UUID) -> Sequence[FileRow]:
    """The files that are part of an answer."""
    row = FileRow
    query = select(row).where(col(row.application_id) == application_id, col(row.removed_at).is_(None), col(row.deleted_at).is_(None))
    return (await context.session.scalars(query)).all()
