"""Deletes the content of files that are to go, and once an hour what no row names. The only place where an object is deleted.

A table of files has the columns `id`, `organisation_id`, `name`, `deleted_at` and `gone`. Each table has a store of its own.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from shared.database.engine import Sessions
from shared.files.store import DELETION_LOCK, FileStore, StoredObject, name_of
from shared.kernel.clock import ProgrammeClock
from shared.privacy.keys import SubjectKeyRow

MOST = 200
"""Objects in one transaction."""
UNNAMED_AFTER = timedelta(hours=1)
"""Real time. Younger objects may be of an upload whose row is not committed yet; a transaction ends within five minutes."""
PAUSE_SECONDS = 10
ROUNDS = 360
"""Of `PAUSE_SECONDS`, between two looks at the whole store."""
_MAY_DELETE = text(f"SELECT pg_try_advisory_xact_lock_shared({DELETION_LOCK})")


class DeletedFiles:
    """`run` is one round, before a pause. `row` is the table of files, `clock` is programme time, `real` is real time, as that of the
    store is."""

    def __init__(self, sessions: Sessions, row: type[Any], store: FileStore, clock: ProgrammeClock, real: ProgrammeClock) -> None:
        self.sessions, self.row, self.store, self.clock, self.real = sessions, row, store, clock, real
        self._round = 0

    async def run(self) -> None:
        while await self.delete() == MOST:
            pass
        if self._round % ROUNDS == 0:
            await self.look()
        self._round += 1
        await asyncio.sleep(PAUSE_SECONDS)

    async def delete(self) -> int:
        """How many objects have gone: of files that were removed, of cases whose term is over, of subjects whose key was destroyed."""
        row = self.row
        async with self.sessions.begin() as session:
            if not await _may_delete(session):
                return 0
            erased = select(col(SubjectKeyRow.subject_id)).where(col(SubjectKeyRow.destroyed_at).is_not(None))
            of_erased = (col(row.deleted_at).is_(None), col(row.organisation_id).in_(erased))
            await session.execute(update(row).where(*of_erased).values(name=None, deleted_at=self.clock.now()))
            due = select(col(row.id)).where(col(row.deleted_at).is_not(None), col(row.gone).is_(False)).limit(MOST)
            ids = (await session.scalars(due.with_for_update(skip_locked=True))).all()
            for file_id in ids:
                await self.store.delete(name_of(file_id))
            await session.execute(update(row).where(col(row.id).in_(ids)).values(gone=True))
            return len(ids)

    async def look(self) -> int:
        """How many objects had no row: left by an upload whose transaction failed."""
        gone, batch = 0, list[StoredObject]()
        async for one in self.store.objects():
            batch.append(one)
            if len(batch) == MOST:
                gone, batch = gone + await self._delete_unnamed(batch), []
        return gone + await self._delete_unnamed(batch)

    async def _delete_unnamed(self, objects: Sequence[StoredObject]) -> int:
        old = [one for one in objects if one.written_at <= self._old_before()]
        ids = [one.file_id for one in old if one.file_id is not None]
        row = self.row
        async with self.sessions.begin() as session:
            if not await _may_delete(session):
                return 0
            named = set[UUID](await session.scalars(select(col(row.id)).where(col(row.id).in_(ids), col(row.gone).is_(False))))
            unnamed = [one for one in old if one.file_id not in named]
            for one in unnamed:
                await self.store.delete(one.name)
            return len(unnamed)

    def _old_before(self) -> datetime:
        return self.real.now() - UNNAMED_AFTER


async def _may_delete(session: AsyncSession) -> bool:
    """False while a backup is taken."""
    return bool(await session.scalar(_MAY_DELETE))
