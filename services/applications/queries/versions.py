"""The submitted versions of a form."""

from services.applications.domain.form import Form, stored_form
from services.applications.tables import ApplicationRow, FormVersionRow
from shared.messaging.context import Context


async def last_version(context: Context, application: ApplicationRow) -> Form | None:
    """The form as it was submitted last; None for a draft."""
    if application.revision == 0:
        return None
    version = await context.session.get(FormVersionRow, (application.id, application.revision))
    return None if version is None else stored_form(version.form)
