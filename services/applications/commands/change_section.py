"""An applicant saves answers of one section, as they are typed."""

from uuid import UUID

from services.applications.domain.files import check_names_no_files
from services.applications.domain.form import Form, stored_form
from services.applications.domain.sections import SectionChange, merged_form
from services.applications.steps.drafts import Editable, editable, write_answers
from shared.messaging.context import Context


async def change_section(context: Context, application_id: UUID, change: SectionChange) -> tuple[Editable, Form]:
    """Changes the answers that are given and no others. A returned application may change only in the answers that it was returned for.
    Returns it, as it was locked, with its answers now.

    Raises as `merged_form`; `Conflict` 'wrong-state' when it is neither a draft nor returned; `Refused` 'not-returned-for-this' or
    'files-apart'.
    """
    found = await editable(context, application_id)
    before = stored_form(found.application.form)
    check_names_no_files(change.answers, before, found.definition)
    form = merged_form(before, change, found.definition, found.versions)
    await write_answers(context, found.application, before, form, found.definition)
    return found, form
