"""Imports the bank's files from the incoming folder and moves them to `taken/`, or to `refused/` when they cannot be read.

A file is read by its content, whatever its name and ending. There it has a name of ours, `<sha256>.xml` also where it is no XML; its own is
in its row. One whose name is too long or cannot be printed is refused.

The signature beside a file is checked before anything of the file is parsed: without a valid one it is refused, with an alarm. The
sender puts the signature into the folder before the file.

Anything with the name of a file is handled, also what is none: a link, a pipe or a folder is refused, never followed or waited for.

The import is committed first and the file moved after: after a crash in between, its hash is known and it is only moved.
"""

import asyncio
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import structlog
from joserfc.jwk import KeySet
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.commands.import_bank_file import UNUSABLE_NAME, import_bank_file, retry_bank_file
from services.payments.domain.states import BankFileState
from services.payments.queries.bank_files import files_to_retry, has_namesake
from services.payments.steps.bank_files import DeliveredFile
from shared.database.engine import Sessions, allow_long_transaction
from shared.identity.actor import SYSTEM
from shared.identity.signatures import SUFFIX, doubt_about, read_signature
from shared.kernel.clock import ProgrammeClock
from shared.kernel.files import Arriving, FileFacts, NotAFile, deliveries_in, facts_of, is_usable_name, move_file, open_file
from shared.kernel.printable import printable
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook
from shared.runtime.memory import give_back_memory
from shared.telemetry import tracing

log = structlog.get_logger()
_BEGINNING = 1_000_000
RETRY_SECONDS = 3
"""A person waits for it, with the page open."""


class Incoming:
    """`run` repeats until it fails or is cancelled; `take_all` is one round over the files that are complete."""

    def __init__(
        self,
        sessions: Sessions,
        clock: ProgrammeClock,
        policies: PolicyBook,
        folder: Path,
        pause_milliseconds: int,
        max_bytes: int,
        bank_keys: KeySet | None,
    ) -> None:
        """`bank_keys` None: the banks of all regions are without signatures."""
        self.sessions, self.clock, self.policies, self.folder, self.max_bytes = sessions, clock, policies, folder, max_bytes
        self.pause_seconds, self.bank_keys = pause_milliseconds / 1000, bank_keys
        self._arriving = Arriving()

    async def run(self) -> None:
        while True:
            await self.take_all()
            await asyncio.sleep(self.pause_seconds)

    async def take_all(self) -> int:
        """The number of files imported. A file is imported once it is unchanged since the round before, so none is read half written."""
        found = await asyncio.to_thread(self._list)
        return sum([await self._take(path) for path in self._arriving.complete(found)])

    async def run_retries(self) -> None:
        """Beside `run`, so that an idle round over the folder asks the database nothing."""
        while True:
            await self.retry_refused()
            await asyncio.sleep(RETRY_SECONDS)

    async def retry_refused(self) -> None:
        """Reads each refused file once more for which a person has asked that. One that fails does not stop the others."""
        async with self.sessions() as session:
            wanted = await files_to_retry(self._context(session))
        for sha256, name in wanted.items():
            try:
                await self._retry(sha256, name)
            except Exception as error:  # noqa: BLE001  the file stays where it is, whatever the fault
                log.warning("refused bank file not read once more", sha256=sha256, error=type(error).__name__)

    async def _retry(self, sha256: str, name: str) -> None:
        """Reads a refused file once more. What cannot be read then is as it was; the request is over in any case."""
        path = self.folder / BankFileState.REFUSED / f"{sha256}.xml"
        delivered = await asyncio.to_thread(self._read_refused, path, sha256, name)
        async with self.sessions.begin() as session:
            await allow_long_transaction(session)
            file = await retry_bank_file(self._context(session), sha256, delivered, self.max_bytes)
            state = file.state
        if state == BankFileState.TAKEN and delivered is not None:
            await asyncio.to_thread(move_file, path, self.folder / state, self.folder, path.name, (SUFFIX, ""))

    def _read_refused(self, path: Path, sha256: str, name: str) -> DeliveredFile | None:
        """None where it is not there any more."""
        try:
            delivered = self._read_signed(path)
        except OSError:
            return None
        return replace(delivered, name=name) if delivered.sha256 == sha256 else None

    def _context(self, session: AsyncSession) -> Context:
        return Context(session, SYSTEM, self.policies, self.clock.now)

    async def _take(self, path: Path) -> bool:
        """False when the import fails: the file stays, does not stop the others, and is retried in the next round."""
        try:
            with tracing.span("take bank file", tracing.Kind.CONSUMER):
                await self.take(path)
        except Exception as error:  # noqa: BLE001  the file stays where it is, whatever the fault
            log.warning("bank file not imported, retried in the next round", file=_name(path), error=type(error).__name__)
            return False
        finally:
            give_back_memory()  # of a refused file too
        return True

    async def take(self, path: Path) -> None:
        """Imports one file and moves it aside."""
        facts = facts_of(path)
        delivered = await asyncio.to_thread(self._read_signed, path)
        async with self.sessions.begin() as session:
            await allow_long_transaction(session)
            context = self._context(session)
            state = (await import_bank_file(context, delivered, self.max_bytes)).state
            if await has_namesake(context, delivered.name, delivered.sha256):
                log.warning("bank file: another one had the same name", file=delivered.name, sha256=delivered.sha256)
        await asyncio.to_thread(_move, path, self.folder / state, f"{delivered.sha256}.xml", facts)

    def _read_signed(self, path: Path) -> DeliveredFile:
        delivered = _read(path, self.max_bytes)
        doubt = self._doubt(path, delivered.sha256)
        if delivered.refusal or not doubt:
            return delivered
        log.error("bank file refused unread", file=delivered.name, reason=doubt)
        return DeliveredFile(delivered.name, delivered.sha256, refusal=doubt)

    def _doubt(self, path: Path, sha256: str) -> str | None:
        """Why nothing of the file is parsed: its name, or a sender that is not proven. None when there is no doubt."""
        if not is_usable_name(path.name):
            return UNUSABLE_NAME
        return doubt_about(read_signature(path), sha256, self.bank_keys) if self.bank_keys else None

    def _list(self) -> dict[Path, FileFacts]:
        self.folder.mkdir(parents=True, exist_ok=True)
        return deliveries_in(self.folder)


def _read(path: Path, max_bytes: int) -> DeliveredFile:
    """Reads at most `max_bytes`. A file that is too large is known by the hash of its beginning, what is no file by that of its name."""
    try:
        with open_file(path) as file:
            if os.fstat(file.fileno()).st_size > max_bytes:
                return _refused(path, file.read(_BEGINNING), "file-too-large")
            data = file.read(max_bytes)
    except NotAFile:
        return _refused(path, os.fsencode(path.name), "not-a-file")
    return DeliveredFile(_name(path), hashlib.sha256(data).hexdigest(), data)


def _refused(path: Path, known_by: bytes, code: str) -> DeliveredFile:
    return DeliveredFile(_name(path), hashlib.sha256(known_by).hexdigest(), refusal=code)


def _name(path: Path) -> str:
    """As text that can be stored and printed, whatever bytes the name has."""
    return printable(path.name)


def _move(path: Path, folder: Path, name: str, facts: FileFacts) -> None:
    """No file of the same name is overwritten. A file that replaced the one that was read stays and is read later.

    The signature goes first: after a crash in between, the file is found again, and follows it.
    """
    if facts_of(path) == facts:
        move_file(path, folder, path.parent, name, (SUFFIX, ""))
