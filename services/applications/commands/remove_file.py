"""An applicant takes a file back."""

from uuid import UUID

from services.applications.domain.files import without_file
from services.applications.domain.form import stored_form
from services.applications.steps.drafts import editable, write_answers
from services.applications.tables import FileRow
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def remove_file(context: Context, application_id: UUID, file_id: UUID) -> FileRow:
    """It is no longer part of the answer. Its content goes, unless it was submitted: the submitted version still names it. Repeating
    changes nothing.

    `NotFound` 'unknown-file'; raises as `editable`; `Refused` 'not-returned-for-this'.
    """
    application, definition, *_ = await editable(context, application_id)
    file = await context.session.get(FileRow, file_id)
    if file is None or file.application_id != application.id:
        raise NotFound("unknown-file", "There is no such file.")
    if file.removed_at is not None:
        return file
    form = stored_form(application.form)
    await write_answers(context, application, form, without_file(form, file.question, file.id), definition)
    file.removed_at = context.now
    if file.revision is None:
        file.name, file.deleted_at = None, context.now
    return file
