"""An officer writes a note on an application, or flags it."""

from uuid import UUID

from services.applications.locks import lock_application
from services.applications.steps.notes import add_note
from services.applications.tables import NoteRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def write_note(context: Context, application_id: UUID, words: str, *, flag: bool) -> NoteRow:
    """For officers only: the applicant and evaluators do not see it. `Conflict` 'wrong-state' of an application that was never submitted,
    'case-removed'."""
    application = await lock_application(context, application_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=application.region)
    await take_part(context, Duty.SCREEN, application.id, call_id=application.call_id)
    if application.sequence is None:
        raise Conflict("wrong-state", "The application is {state}.", state=application.state)
    if application.removed_at is not None:
        raise Conflict("case-removed", "The content of this case was removed on {removed_at}.", removed_at=application.removed_at)
    note = add_note(context, application, words, flag=flag)
    await context.session.flush()
    return note
