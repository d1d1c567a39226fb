"""An applicant saves answers of one section, as they are typed."""

from uuid import UUID

from services.applications.domain.files import check_names_no_files
from services.applications.domain.form import Form, stored_form
from services.applications.domain.sections import SectionChange, merged_form
from services.applications.steps.drafts import editable, write_answers
from services.applications.tables import ApplicationRow
from shared.messaging.context import Context
from shared.policy.form import FormDefinition


async def change_section(context: Context, application_id: UUID, change: SectionChange) -> tuple[ApplicationRow, Form, FormDefinition]:
    """Changes the answers that are given and no others. A returned application may change only in the answers that it was returned for.
    Returns it with its answers and the form of its call.

    Raises as `merged_form`; `Conflict` 'wrong-state' when it is neither a draft nor returned; `Refused` 'not-returned-for-this' or
    'files-apart'.
    """
    application, definition, versions = await editable(context, application_id)
    before = stored_form(application.form)
    check_names_no_files(change.answers, before, definition)
    form = merged_form(before, change, definition, versions)
    await write_answers(context, application, before, form, definition)
    return application, form, definition
