"""Notes of officers, and the flags that are open."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlmodel import col

from services.applications.tables import ApplicationRow, NoteRow
from shared.kernel.ids import new_id
from shared.messaging.context import Context


def open_flag() -> ColumnElement[bool]:
    return and_(col(NoteRow.is_flag), col(NoteRow.lifted_at).is_(None))


def has_flag() -> ColumnElement[bool]:
    """Of an application, for a query on `ApplicationRow`."""
    return select(col(NoteRow.id)).where(col(NoteRow.application_id) == col(ApplicationRow.id), open_flag()).exists()


async def open_flags(context: Context, application_ids: Collection[UUID]) -> Sequence[NoteRow]:
    query = select(NoteRow).where(col(NoteRow.application_id).in_(application_ids), open_flag())
    return (await context.session.scalars(query)).all()


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
