"""Deletes the content of files that are to go, and once an hour what no row names."""

import asyncio

from services.applications.commands.delete_files import MOST, delete_files, delete_unnamed
from shared.database.engine import Sessions
from shared.files.store import FileStore, StoredObject
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

PAUSE_SECONDS = 10
ROUNDS = 360
"""Of `PAUSE_SECONDS`, between two looks at the whole store."""


class DeletedFiles:
    """`run` is one round, before a pause. `clock` is programme time, `real` is real time, as that of the store is."""

    def __init__(self, sessions: Sessions, policies: PolicyBook, store: FileStore, clock: ProgrammeClock, real: ProgrammeClock) -> None:
        self.sessions, self.policies, self.store, self.clock, self.real = sessions, policies, store, clock, real
        self._round = 0

    async def run(self) -> None:
        while await self.delete() == MOST:
            pass
        if self._round % ROUNDS == 0:
            await self.look()
        self._round += 1
        await asyncio.sleep(PAUSE_SECONDS)

    async def delete(self) -> int:
        async with self.sessions.begin() as session:
            return await delete_files(Context(session, SYSTEM, self.policies, self.clock.now), self.store)

    async def look(self) -> int:
        """How many objects had no row."""
        gone, batch = 0, list[StoredObject]()
        async for one in self.store.objects():
            batch.append(one)
            if len(batch) == MOST:
                gone, batch = gone + await self._delete_unnamed(batch), []
        return gone + await self._delete_unnamed(batch)

    async def _delete_unnamed(self, objects: list[StoredObject]) -> int:
        async with self.sessions.begin() as session:
            context = Context(session, SYSTEM, self.policies, self.clock.now)
            return await delete_unnamed(context, self.store, objects, self.real.now())
