"""Deletes the files exchanged with the bank in which no case is left whose content is kept.

The rows decide: a payment file goes when its batch is removed, a file of the bank when each of its lines is about a removed voucher. The
file is deleted first and recorded after; after a crash in between it is recorded in the next round.
"""

import asyncio
import errno
import hashlib
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.commands.record_bank_file_removed import record_bank_file_removed
from services.payments.jobs.outgoing import file_name
from services.payments.queries.removals import removable_bank_files, removed_batches
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.identity.signatures import signature_path
from shared.kernel.clock import ProgrammeClock
from shared.kernel.files import NOT_READABLE, read_file
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

PAUSE_SECONDS = 3_600


class RemovedFiles:
    """`run` is one round, before a pause."""

    def __init__(self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook, outgoing: Path, incoming: Path) -> None:
        self.sessions, self.clock, self.policies, self.outgoing, self.taken = sessions, clock, policies, outgoing, incoming / "taken"

    async def run(self) -> None:
        await self.delete()
        await asyncio.sleep(PAUSE_SECONDS)

    async def delete(self) -> None:
        batches = await asyncio.to_thread(_batches_in, self.outgoing)
        async with self.sessions() as session:
            gone = await removed_batches(self._context(session), batches)
            hashes = await removable_bank_files(self._context(session))
        for batch_id in gone:
            await asyncio.to_thread(_unlink, self.outgoing / file_name(batch_id))
        if not hashes:
            return
        await asyncio.to_thread(_delete, self.taken, hashes)
        async with self.sessions.begin() as session:
            for sha256 in sorted(hashes):
                await record_bank_file_removed(self._context(session), sha256)

    def _context(self, session: AsyncSession) -> Context:
        return Context(session, SYSTEM, self.policies, self.clock.now)


def _batches_in(folder: Path) -> list[UUID]:
    return [UUID(path.stem.removeprefix("pain001-")) for path in folder.glob(f"pain001-{'[0-9a-f]' * 32}.xml")]


def _delete(folder: Path, hashes: set[str]) -> None:
    """`folder` is in the incoming folder, and no link leads out of that."""
    for path in folder.glob("*.xml"):
        with suppress(FileNotFoundError, *NOT_READABLE):
            if hashlib.sha256(read_file(path, folder.parent)).hexdigest() in hashes:
                _unlink(path)


def _unlink(path: Path) -> None:
    """The file, and its signature first: none is left without its file. Who names a file may leave no room for the name of a signature."""
    for one in (signature_path(path), path):
        try:
            one.unlink(missing_ok=True)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
