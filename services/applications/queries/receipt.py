"""The receipt of an application, for those who may read all of it."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.form import known, stored_form
from services.applications.letters import AskedBy, GivenFile, Submitted, receipt_of
from services.applications.queries.applications import whole_application_of
from services.applications.tables import ApplicationRow, FileRow, FormVersionRow
from shared.documents import Document
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def receipt_document(context: Context, application_id: UUID, language: str) -> Document:
    """The version that was submitted last; the reading is recorded. Raises as `whole_application_of`, and `NotFound` 'no-receipt' for a
    draft, and when what was submitted is removed or erased."""
    application, call = await whole_application_of(context, application_id)
    version = await context.session.get(FormVersionRow, (application.id, application.revision))
    form = application.form if version is None else version.form
    if application.receipt is None or form is None:
        raise NotFound("no-receipt", "There is no receipt: the application was not submitted, or its content is no longer kept.")
    submitted = Submitted(
        receipt=application.receipt,
        revision=application.revision,
        submitted_at=known(application.submitted_at),
        version_at=known(application.submitted_at if version is None else version.submitted_at),
        form=stored_form(form),
        files=await _files(context, application),
    )
    policy, definition = context.policies.get(call.policy_id), context.policies.form(call.form_id)
    return receipt_of(submitted, AskedBy(call.shown_title, call.currency, policy.zone, definition), language)


async def _files(context: Context, application: ApplicationRow) -> dict[str, GivenFile]:
    query = select(FileRow).where(col(FileRow.application_id) == application.id, col(FileRow.revision).is_not(None))
    return {str(row.id): GivenFile(row.name, row.size_bytes) for row in await context.session.scalars(query)}
