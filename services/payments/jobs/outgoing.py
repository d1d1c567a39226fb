"""Signs released batches and writes them as files into the outgoing folder, the signature before the file.

The file is written first and then recorded as sent: after a crash in between, the same bytes are written under the same name again, which
changes nothing. When the disk is full the batch stays sealed, and the next round tries again.
"""

import asyncio
import hashlib
import os
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.commands.record_batch_sent import record_batch_sent
from services.payments.jobs.channel import signs
from services.payments.queries.batches import BatchToSend, batches_to_send
from services.payments.queries.holds import hold_in_force
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.identity.signatures import SigningKey, sign, signature_path
from shared.kernel.clock import ProgrammeClock
from shared.kernel.files import NOT_READABLE, read_file
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook
from shared.telemetry import tracing

log = structlog.get_logger()


class Outgoing:
    """`run` repeats until it fails or is cancelled; `send_all` is one round."""

    def __init__(
        self,
        sessions: Sessions,
        clock: ProgrammeClock,
        policies: PolicyBook,
        folder: Path,
        pause_milliseconds: int,
        signing_key: SigningKey | None,
    ) -> None:
        """`signing_key` None: the banks of all regions are without signatures."""
        self.sessions, self.clock, self.policies, self.folder = sessions, clock, policies, folder
        self.pause_seconds, self.signing_key = pause_milliseconds / 1000, signing_key
        self._refused: set[UUID] = set()

    async def run(self) -> None:
        while True:
            await self.send_all()
            await asyncio.sleep(self.pause_seconds)

    async def send_all(self) -> int:
        """The number of batches sent. A batch whose file cannot be written does not stop the others.

        While payments are held, only a batch whose file is in the folder counts as sent: the bank may not have the others.
        """
        async with self.sessions() as session:
            context = self._context(session)
            released, hold = await batches_to_send(context), await hold_in_force(context)
        going = [one for one in released if (hold is None or (self.folder / file_name(one.id)).exists()) and self._is_given_out(one)]
        return sum([await self._send(batch) for batch in going])

    def _is_given_out(self, batch: BatchToSend) -> bool:
        """By the event of a person, or as a file that is there already: the batch's state alone proves nothing."""
        if batch.released or (batch.imported and _holds(self.folder / file_name(batch.id), batch.file)):
            return True
        if batch.id not in self._refused:
            self._refused.add(batch.id)
            log.error("payment file not sent", code="release-unproven", batch=str(batch.id))
        return False

    async def _send(self, batch: BatchToSend) -> bool:
        if hashlib.sha256(batch.file).hexdigest() != batch.file_hash:
            log.error("payment file not sent: its bytes are not those that were released", batch=str(batch.id))
            return False
        *earlier, last = batch.traces or (None,)
        links, facts = [trace for trace in earlier if trace], {"triptych.batch": str(batch.id), tracing.CASE: str(batch.id)}
        with tracing.span("send payment file", tracing.Kind.PRODUCER, parent=last, links=links, attributes=facts):
            return await self._write_and_record(batch)

    async def _write_and_record(self, batch: BatchToSend) -> bool:
        try:
            await asyncio.to_thread(self._write, batch)
        except OSError as error:
            log.error("payment file not written, retried in the next round", batch=str(batch.id), error=error.strerror)
            return False
        async with self.sessions.begin() as session:
            await record_batch_sent(self._context(session), batch.id)
        return True

    def _write(self, batch: BatchToSend) -> None:
        path = self.folder / file_name(batch.id)
        if self.signing_key is not None and signs(self.policies.get(batch.policy_id).bank):
            write_file(signature_path(path), sign(batch.file_hash, self.signing_key).encode())
        write_file(path, batch.file)

    def _context(self, session: AsyncSession) -> Context:
        return Context(session, SYSTEM, self.policies, self.clock.now)


def file_name(batch_id: UUID) -> str:
    return f"pain001-{batch_id.hex}.xml"


def _holds(path: Path, data: bytes) -> bool:
    with suppress(FileNotFoundError, *NOT_READABLE):
        return read_file(path) == data
    return False


def write_file(path: Path, data: bytes) -> None:
    """Writes the whole file or nothing, also in a power failure. A file that has these bytes already is left alone.

    A link or a pipe of this name is replaced: nothing is written to what it leads to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if _holds(path, data):
        return
    temporary = path.with_name(f".{path.name}.part")
    temporary.unlink(missing_ok=True)
    try:
        with temporary.open("xb") as file:  # made here, never a link of this name
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
