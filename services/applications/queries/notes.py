"""The flags of officers that are open."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlmodel import col

from services.applications.tables import ApplicationRow, NoteRow
from shared.messaging.context import Context


def open_flag() -> ColumnElement[bool]:
    return and_(col(NoteRow.is_flag), col(NoteRow.lifted_at).is_(None))


def has_flag() -> ColumnElement[bool]:
    """Of an application, for a query on `ApplicationRow`."""
    return select(col(NoteRow.id)).where(col(NoteRow.application_id) == col(ApplicationRow.id), open_flag()).exists()


async def open_flags(context: Context, application_ids: Collection[UUID]) -> Sequence[NoteRow]:
    query = select(NoteRow).where(col(NoteRow.application_id).in_(application_ids), open_flag())
    return (await context.session.scalars(query)).all()
