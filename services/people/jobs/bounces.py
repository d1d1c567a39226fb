"""Reads what mail servers report of our mails from the folder into which the agency's mail server puts it, and removes it.

The folder is a Maildir (`new/`, `cur/`), or one of files `NAME.eml`. A report is removed once what it says is committed: after a crash in
between it is read again, which changes nothing. What is no report of a mail of ours goes to `refused/`, with the reason in its name, and is
removed after a time: it has addresses in it, and perhaps a letter of somebody.
"""

import asyncio
import hashlib
import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import structlog

from services.people.commands.record_report import record_report
from services.people.domain.bounces import MOST_BYTES, NoReport, Report, read_report
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.kernel.files import Arriving, FileFacts, NotAFile, facts_in, move_file, open_file
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

PAUSE_SECONDS = 5
MOST = 100
"""In one round."""
KEPT = timedelta(days=30)
"""In `refused/`, since it was delivered (real time)."""

log = structlog.get_logger()


class BounceReading:
    """`run` is one round, before a pause. `folder` None: nothing is read. `clock` is programme time, `real` that of files."""

    def __init__(self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook, folder: Path | None, real: ProgrammeClock) -> None:
        self.sessions, self.clock, self.policies, self.folder, self.real = sessions, clock, policies, folder, real
        self._arriving = Arriving()

    async def run(self) -> None:
        if self.folder is None:
            log.warning("reports of failed delivery are not read: TRIPTYCH_BOUNCES names no folder", service="people")
            await asyncio.Event().wait()
            return
        await self.read_all(self.folder)
        await asyncio.sleep(PAUSE_SECONDS)

    async def read_all(self, folder: Path) -> int:
        """How many reports counted. A file is read once it is unchanged since the round before, so none is read half written."""
        found = await asyncio.to_thread(self._list, folder)
        return sum([await self._take(folder, path) for path in self._arriving.complete(found)[:MOST]])

    async def _take(self, folder: Path, path: Path) -> bool:
        """Whether it counted. When a component fails, the file stays, does not stop the others, and is read in the next round."""
        try:
            report = await asyncio.to_thread(_read, path, folder)
            async with self.sessions.begin() as session:
                await record_report(Context(session, SYSTEM, self.policies, self.clock.now), report)
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except FileNotFoundError:
            return False  # another worker had it
        except NoReport as refused:
            log.warning("no report of a mail of ours, put aside", reason=refused.code)
            await asyncio.to_thread(_put_aside, folder, path, refused.code)
            return False
        except Exception as error:  # noqa: BLE001  the file stays where it is, whatever the fault
            log.warning("report of failed delivery not read, tried again in the next round", error=type(error).__name__)
            return False
        return True

    def _list(self, folder: Path) -> dict[Path, FileFacts]:
        """What waits; on this occasion what was put aside long ago is removed."""
        folder.mkdir(parents=True, exist_ok=True)
        long_ago = (self.real.now() - KEPT).timestamp()
        for path, (_, _, changed) in facts_in(folder / "refused", "*").items():
            if changed / 1e9 < long_ago:
                path.unlink(missing_ok=True)
        return facts_in(folder, "*.eml") | facts_in(folder / "new", "*") | facts_in(folder / "cur", "*")


def _read(path: Path, folder: Path) -> Report:
    try:
        with open_file(path, folder) as file:
            return read_report(file.read(MOST_BYTES))
    except NotAFile as error:
        raise NoReport("not-a-file") from error


def _put_aside(folder: Path, path: Path, reason: str) -> None:
    """Under a name of ours; its own is another one's choice."""
    name = f"{reason}-{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}.eml"
    with suppress(FileNotFoundError):
        move_file(path, folder / "refused", folder, name)
