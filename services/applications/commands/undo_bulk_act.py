"""An officer undoes an act on many applications, where nothing has followed from it."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.bulk import BulkAction, BulkOutcome, check_undo
from services.applications.steps.notes import lift
from services.applications.tables import ApplicationRow, BulkActRow, NoteRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def undo_bulk_act(context: Context, bulk_id: UUID) -> BulkActRow:
    """Flags that it raised are lifted, where they still stand; flags that it lifted stand again. `NotFound` 'unknown-act'; otherwise raises
    as `check_undo`."""
    act = await context.session.get(BulkActRow, bulk_id)
    if act is None:
        raise NotFound("unknown-act", "There is no such act.")
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=act.region)
    ids = [UUID(one["application_id"]) for one in act.results if one["outcome"] != BulkOutcome.REFUSED]
    locked = select(col(ApplicationRow.id)).where(col(ApplicationRow.id).in_(ids)).order_by(col(ApplicationRow.sequence))
    await context.session.execute(locked.with_for_update(key_share=True))
    await context.session.refresh(act, with_for_update=True)
    check_undo(BulkAction(act.action), act.at, act.undone_at, context.now)
    flags = select(NoteRow).where(col(NoteRow.application_id).in_(ids), col(NoteRow.is_flag))
    if act.action == BulkAction.FLAG:
        for flag in await context.session.scalars(flags.where(col(NoteRow.bulk_id) == act.id, col(NoteRow.lifted_at).is_(None))):
            lift(context, flag)
    else:
        for flag in await context.session.scalars(flags.where(col(NoteRow.lifted_at) == act.at, col(NoteRow.lifted_by) == act.by)):
            flag.lifted_at = flag.lifted_by = None
    act.undone_at, act.undone_by = context.now, context.actor.id
    return act
