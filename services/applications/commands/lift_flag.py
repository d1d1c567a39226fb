"""An officer lifts a flag."""

from uuid import UUID

from services.applications.locks import lock_application
from services.applications.steps.notes import lift
from services.applications.tables import NoteRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def lift_flag(context: Context, note_id: UUID) -> NoteRow:
    """A flag that is lifted already stays as it is. `NotFound` 'unknown-flag'."""
    known = await context.session.get(NoteRow, note_id)
    if known is None or not known.is_flag:
        raise NotFound("unknown-flag", "There is no such flag.")
    await lock_application(context, known.application_id)
    await context.session.refresh(known)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=known.region)
    await take_part(context, Duty.SCREEN, known.application_id, call_id=known.call_id)
    if known.lifted_at is None:
        lift(context, known)
    return known
