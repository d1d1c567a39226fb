"""An applicant changes a draft, or corrects a returned application."""

from uuid import UUID

from services.applications.domain.answers import check_form
from services.applications.domain.correction import check_correction
from services.applications.domain.form import Form, known
from services.applications.domain.states import EDITABLE
from services.applications.locks import lock_application, read_call
from services.applications.steps.drafts import write_answers
from services.applications.steps.versions import last_version
from services.applications.tables import ApplicationRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


async def change_form(context: Context, application_id: UUID, form: Form) -> ApplicationRow:
    """Replaces the whole form. A returned application may change only in the answers that it was returned for.

    `Conflict` 'wrong-state' when it is neither a draft nor returned; `Refused` 'not-returned-for-this'; `Malformed` for an answer that the
    form of the call does not allow.
    """
    application = await lock_application(context, application_id)
    authorise(context.actor, Permission.WRITE_APPLICATION, region=application.region, owner=owned_by(application.organisation_id))
    await take_unpublished_part(context, Duty.APPLY, application.id, call_id=application.call_id)
    if application.state not in EDITABLE:
        raise Conflict("wrong-state", "The application is {state}.", state=application.state)
    definition = context.policies.form((await read_call(context, application.call_id)).form_id)
    check_form(form, definition)
    if application.state == ApplicationState.RETURNED:
        check_correction(known(await last_version(context, application)), form, application.returned_fields, definition)
    write_answers(application, form)
    application.changed_at = context.now
    return application
