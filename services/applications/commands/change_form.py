"""An applicant changes a draft, or mends a returned file."""

from uuid import UUID

from services.applications.commands.draft_application import write_answers
from services.applications.domain.form import Form, read_form
from services.applications.domain.repair import check_mended
from services.applications.locks import lock_application
from services.applications.tables import ApplicationRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def change_form(context: Context, application_id: UUID, form: Form) -> ApplicationRow:
    """Replaces the whole form. A returned file may change only where it was returned for. `Conflict` in any other state."""
    application = await lock_application(context, application_id)
    authorise(context.actor, Permission.WRITE_APPLICATION, region=application.region, owner=application.organisation_id)
    if application.state not in ("draft", "returned"):
        raise Conflict("wrong-state", f"The application is {application.state}.", state=application.state)
    if application.state == "returned":
        check_mended(read_form(application.form), form, application.returned_fields)
    write_answers(application, form)
    application.changed_at = context.now
    return application
