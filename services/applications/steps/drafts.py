"""Drafts, and the answers of an application."""

from uuid import UUID

from services.applications.domain.answers import check_form
from services.applications.domain.form import Form, dump_form
from services.applications.tables import ApplicationRow, CallRow
from shared.kernel.ids import new_id
from shared.messaging.context import Context


def add_draft(context: Context, call: CallRow, organisation_id: UUID, form: Form) -> ApplicationRow:
    """A new draft of the organisation in the call, added to the session. `Malformed` for an answer that the form of the call does not
    allow."""
    check_form(form, context.policies.form(call.form_id))
    draft = ApplicationRow(
        id=new_id(),
        call_id=call.id,
        region=call.region,
        organisation_id=organisation_id,
        form={},
        created_at=context.now,
        changed_at=context.now,
    )
    context.session.add(draft)
    write_answers(draft, form)
    return draft


def write_answers(application: ApplicationRow, form: Form) -> None:
    """Stores the form, and copies the answers that are searched into their columns."""
    application.form = dump_form(form)
    application.title, application.requested_minor = form.project.title, form.costs.requested_minor
    application.starts_on, application.ends_on = form.project.starts_on, form.project.ends_on
