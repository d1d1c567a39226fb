"""Deletes from the store of files what is to go, and what no row names. The only place where an object is deleted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text, update
from sqlmodel import col

from services.applications.tables import FileRow
from shared.files.store import DELETION_LOCK, FileStore, StoredObject, name_of
from shared.messaging.context import Context
from shared.privacy.keys import SubjectKeyRow

MOST = 200
"""Objects in one transaction."""
UNNAMED_AFTER = timedelta(hours=1)
"""Real time. Younger objects may be of an upload whose row is not committed yet; a transaction ends within five minutes."""
_MAY_DELETE = text(f"SELECT pg_try_advisory_xact_lock_shared({DELETION_LOCK})")


async def delete_files(context: Context, store: FileStore) -> int:
    """How many objects have gone: of files that were removed, of cases whose term is over, of subjects whose key was destroyed."""
    if not await _may_delete(context):
        return 0
    row = FileRow
    erased = select(col(SubjectKeyRow.subject_id)).where(col(SubjectKeyRow.destroyed_at).is_not(None))
    of_erased = (col(row.deleted_at).is_(None), col(row.organisation_id).in_(erased))
    await context.session.execute(update(row).where(*of_erased).values(name=None, deleted_at=context.now))
    due = select(col(row.id)).where(col(row.deleted_at).is_not(None), col(row.gone).is_(False)).limit(MOST)
    ids = (await context.session.scalars(due.with_for_update(skip_locked=True))).all()
    for file_id in ids:
        await store.delete(name_of(file_id))
    await context.session.execute(update(row).where(col(row.id).in_(ids)).values(gone=True))
    return len(ids)


async def delete_unnamed(context: Context, store: FileStore, objects: Sequence[StoredObject], real_now: datetime) -> int:
    """How many of these objects have gone: those that no row names, left by an upload whose transaction failed."""
    if not await _may_delete(context):
        return 0
    old = [one for one in objects if one.written_at <= real_now - UNNAMED_AFTER]
    ids = [one.file_id for one in old if one.file_id is not None]
    named = set[UUID](await context.session.scalars(select(col(FileRow.id)).where(col(FileRow.id).in_(ids), col(FileRow.gone).is_(False))))
    unnamed = [one for one in old if one.file_id not in named]
    for one in unnamed:
        await store.delete(one.name)
    return len(unnamed)


async def _may_delete(context: Context) -> bool:
    """False while a backup is taken."""
    return bool(await context.session.scalar(_MAY_DELETE))
