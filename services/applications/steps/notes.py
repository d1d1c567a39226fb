"""Notes of officers, and their flags."""

from uuid import UUID

from services.applications.tables import ApplicationRow, NoteRow
from shared.kernel.ids import new_id
from shared.messaging.context import Context


def add_note(context: Context, application: ApplicationRow, words: str, *, flag: bool, bulk_id: UUID | None = None) -> NoteRow:
    """A note on the application, which is locked; a flag when asked."""
    note = NoteRow(
        id=new_id(), application_id=application.id, call_id=application.call_id, organisation_id=application.organisation_id,
        region=application.region, is_flag=flag, words=words, written_by=context.actor.id, written_at=context.now, bulk_id=bulk_id,
    )  # fmt: skip
    context.session.add(note)
    return note


def lift(context: Context, flag: NoteRow) -> None:
    """The application no longer waits for a person because of this flag."""
    flag.lifted_at, flag.lifted_by = context.now, context.actor.id
