"""An applicant begins an application."""

from uuid import UUID

from services.applications.domain.form import Form, dump_form
from services.applications.tables import ApplicationRow, CallRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Forbidden, NotFound, Refused
from shared.kernel.ids import new_id
from shared.messaging.context import Context


async def draft_application(context: Context, call_id: UUID, form: Form) -> tuple[ApplicationRow, CallRow]:
    """A draft of the actor's organisation, and its call; it may be begun before the call opens. It has no event: nobody else may
    know of it."""
    call = await context.session.get(CallRow, call_id)
    if call is None:
        raise NotFound("unknown-call", "There is no such call.")
    authorise(context.actor, Permission.WRITE_APPLICATION, region=call.region)
    if context.actor.organisation_id is None:
        raise Forbidden("no-organisation", "You do not act for an organisation.")
    if call.state == "closed" or context.now >= call.closes_at:
        raise Refused("too-late", "The call has ended.", ended_at=call.closes_at)
    return add_draft(context, call, context.actor.organisation_id, form), call


def add_draft(context: Context, call: CallRow, organisation_id: UUID, form: Form) -> ApplicationRow:
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
    """The form, and the answers that are searched by."""
    application.form = dump_form(form)
    application.title, application.requested_minor = form.project.title, form.costs.requested_minor
    application.starts_on, application.ends_on = form.project.starts_on, form.project.ends_on
