"""An applicant changes a draft, or corrects a returned application."""

from uuid import UUID

from services.applications.domain.answers import check_form
from services.applications.domain.benefit import with_its_costs
from services.applications.domain.files import check_names_no_files, keeping_files
from services.applications.domain.form import Form, answers_of, stored_form
from services.applications.steps.drafts import editable, write_answers
from services.applications.tables import ApplicationRow
from shared.messaging.context import Context


async def change_form(context: Context, application_id: UUID, form: Form) -> ApplicationRow:
    """Replaces the whole form but its files, and moves the version of every section. A returned application may change only in the answers
    that it was returned for.

    `Conflict` 'wrong-state' when it is neither a draft nor returned; `Refused` 'not-returned-for-this' or 'files-apart'; `Malformed` for an
    answer that the form of the call does not allow.
    """
    application, definition, _, policy_id = await editable(context, application_id)
    check_form(form, definition)
    form = with_its_costs(form, context.policies.get(policy_id))
    before = stored_form(application.form)
    check_names_no_files(answers_of(form), before, definition)
    form = keeping_files(before, form, definition)
    await write_answers(context, application, before, form, definition, sections=[section.key for section in definition.sections])
    return application
