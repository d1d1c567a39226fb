"""The bank's answers are read from the incoming folder and then moved aside: to `taken/`, or to `refused/` when unreadable.

Whatever lies there under the name of a file is met, also what is none: a link, a pipe or a folder is refused, never followed or waited for.

The effect comes first and the move after: a crash in between finds a file whose hash is known, which only has to be moved.
"""

import asyncio
import errno
import hashlib
import os
import stat
from contextlib import suppress
from itertools import count
from pathlib import Path

import structlog

from services.payments.commands.take_bank_file import Delivered, take_bank_file
from shared.database.engine import Sessions, allow_long_transaction
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

log = structlog.get_logger()
Look = tuple[int, int, int]
_BEGINNING = 1_000_000


class Incoming:
    """`run` goes on until it breaks or is cancelled; `take_all` is one round over what lies there and is no longer being written."""

    def __init__(
        self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook, folder: Path, pause_milliseconds: int, max_bytes: int
    ) -> None:
        self.sessions, self.clock, self.policies, self.folder, self.max_bytes = sessions, clock, policies, folder, max_bytes
        self.pause_seconds = pause_milliseconds / 1000
        self._seen: dict[Path, Look] = {}

    async def run(self) -> None:
        while True:
            await self.take_all()
            await asyncio.sleep(self.pause_seconds)

    async def take_all(self) -> int:
        """How many files were taken in. A file is taken once it looks as in the round before, so that none is read half written."""
        looks = await asyncio.to_thread(self._look)
        settled = [path for path, look in sorted(looks.items()) if self._seen.get(path) == look]
        self._seen = looks
        return sum([await self._take(path) for path in settled])

    async def _take(self, path: Path) -> bool:
        """One file that fails does not hold up the others; it is met again in the next round."""
        try:
            await self.take(path)
        except Exception as error:  # noqa: BLE001  whatever it is, the file stays where it is
            log.warning("bank file will be taken later", file=_name(path), error=type(error).__name__)
            return False
        return True

    async def take(self, path: Path) -> None:
        """Takes one file in and moves it aside."""
        look = _look_at(path)
        delivered = await asyncio.to_thread(_read, path, self.max_bytes)
        async with self.sessions.begin() as session:
            await allow_long_transaction(session)
            file = await take_bank_file(Context(session, SYSTEM, self.policies, self.clock.now), delivered, self.max_bytes)
            state = file.state
        await asyncio.to_thread(_move, path, self.folder / state, look)

    def _look(self) -> dict[Path, Look]:
        self.folder.mkdir(parents=True, exist_ok=True)
        found = {}
        for path in self.folder.glob("*.xml"):
            with suppress(FileNotFoundError):  # somebody took it away at this moment
                if not path.name.startswith("."):
                    found[path] = _look_at(path)
        return found


def _look_at(path: Path) -> Look:
    facts = path.lstat()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def _read(path: Path, max_bytes: int) -> Delivered:
    """Never more than `max_bytes`. What is too large is known by the hash of its beginning, what is no file by that of its name."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            raise
        return _refused(path, os.fsencode(path.name), "not-a-file")
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        return _refused(path, os.fsencode(path.name), "not-a-file")
    with os.fdopen(descriptor, "rb") as file:
        if facts.st_size > max_bytes:
            return _refused(path, file.read(_BEGINNING), "file-too-large")
        data = file.read(max_bytes)
    return Delivered(_name(path), hashlib.sha256(data).hexdigest(), data)


def _refused(path: Path, known_by: bytes, code: str) -> Delivered:
    return Delivered(_name(path), hashlib.sha256(known_by).hexdigest(), refusal=code)


def _name(path: Path) -> str:
    """As text that can be stored and printed, whatever bytes somebody called it."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def _move(path: Path, folder: Path, look: Look) -> None:
    """Nothing that lies there under the same name is written over; another file that took the place of the one read stays to be read."""
    if _look_at(path) != look:
        return
    folder.mkdir(parents=True, exist_ok=True)
    targets = (folder / (f"{path.stem}-{number}{path.suffix}" if number else path.name) for number in count())
    path.rename(next(target for target in targets if not os.path.lexists(target)))
