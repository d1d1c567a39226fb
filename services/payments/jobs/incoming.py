"""The bank's answers are read from the incoming folder and then moved aside: to `taken/`, or to `refused/` when unreadable.

The effect comes first and the move after: a crash in between finds a file whose hash is known, which only has to be moved.
"""

import asyncio
import hashlib
from pathlib import Path

import structlog

from services.payments.commands.take_bank_file import take_bank_file
from shared.database.engine import Sessions
from shared.kernel.clock import ProgrammeClock
from shared.messaging.cause import SYSTEM, Cause

log = structlog.get_logger()
Look = tuple[int, int]


class Incoming:
    """`run` goes on until it is cancelled; `take_all` is one round over what lies there and is no longer being written."""

    def __init__(self, sessions: Sessions, clock: ProgrammeClock, folder: Path, pause_milliseconds: int, max_bytes: int) -> None:
        self.sessions, self.clock, self.folder, self.max_bytes = sessions, clock, folder, max_bytes
        self.pause_seconds = pause_milliseconds / 1000
        self._seen: dict[Path, Look] = {}

    async def run(self) -> None:
        while True:
            try:
                await self.take_all()
            except Exception as error:  # noqa: BLE001  the folder cannot be read: the next round tries again
                log.warning("bank files will be read later", error=type(error).__name__)
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
            log.warning("bank file will be taken later", file=path.name, error=type(error).__name__)
            return False
        return True

    async def take(self, path: Path) -> None:
        """Takes one file in and moves it aside."""
        data = await asyncio.to_thread(path.read_bytes)
        async with self.sessions.begin() as session:
            file = await take_bank_file(session, Cause(SYSTEM, self.clock.now), path.name, data, self.max_bytes)
            state = file.state
        await asyncio.to_thread(_move, path, self.folder / state, data)

    def _look(self) -> dict[Path, Look]:
        self.folder.mkdir(parents=True, exist_ok=True)
        found = {}
        for path in self.folder.glob("*.xml"):
            if not path.name.startswith(".") and path.is_file():
                facts = path.stat()
                found[path] = (facts.st_size, facts.st_mtime_ns)
        return found


def _move(path: Path, folder: Path, data: bytes) -> None:
    """Two files of one name with other content are both kept."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / path.name
    if target.exists() and target.read_bytes() != data:
        target = folder / f"{path.stem}-{hashlib.sha256(data).hexdigest()[:12]}{path.suffix}"
    path.replace(target)
