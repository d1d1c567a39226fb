"""A platform for one test, driven by the command line."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded import daemon
from deploy.embedded.data_directory import REPOSITORY, DataDirectory
from deploy.embedded.state import StartOptions, load_state
from tests.support.regions import copy_regions

TERMS = {"validity": "120 calendar-days", "extension.longest": "45 calendar-days", "appeal": "5 calendar-days"}
DATES = {"closes_at": "2026-01-05T12:00:00", "evaluation_due": "2026-01-26", "reserve_list_ends": "2026-03-15"}
"""A case takes six months at most. A voucher is still valid when a platform was restored meanwhile on a slow machine."""


@dataclass(frozen=True)
class Platform:
    """Its programme clock runs at one second a day."""

    root: Path

    @property
    def data(self) -> DataDirectory:
        return DataDirectory(self.root)

    def triptych(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end and returns the finished process, whatever its exit status."""
        return subprocess.run(self._command(arguments), **self._where(), capture_output=True, check=False, timeout=840)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts a command that the test interrupts later. Its output is in `interrupted_log`."""
        with self.interrupted_log.open("w") as log:
            output = {"stdout": log, "stderr": subprocess.STDOUT}
            return subprocess.Popen(self._command(arguments), **self._where(), **output, preexec_fn=_accept_sigint)  # noqa: PLW1509 (one system call)

    @property
    def interrupted_log(self) -> Path:
        return self.root / "interrupted.log"

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "operations.cli.command", *arguments]

    def _where(self) -> dict[str, object]:
        environment = {**os.environ, "TRIPTYCH_HOME": str(self.root), "TRIPTYCH_DAY_SECONDS": "1"}  # noqa: TID251 (of a child process)
        return {"cwd": REPOSITORY, "env": environment, "text": True}


def _accept_sigint() -> None:
    """A process that a shell started in the background ignores SIGINT, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def counted(platform: Platform, service: str, query: str) -> int:
    """The query's count; 0 while there is no platform yet."""
    kept = load_state(platform.data)
    if kept is None or "postgres" not in kept.ports:
        return 0
    try:
        database = await asyncpg.connect(kept.verify_url(service, driver="postgresql"))
        count = await database.fetchval(query)
        await database.close()
    except (OSError, asyncpg.PostgresError):
        return 0
    return int(count)


def until(condition: Callable[[], bool], demo: subprocess.Popen[str] | None = None, seconds: float = 360) -> None:
    """Waits for the condition; fails at once when `demo`, which has to bring it about, has ended."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        assert demo is None or demo.poll() is None, "the demonstration ended before the condition was met"
        time.sleep(0.5)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    platform = Platform(Path(tempfile.mkdtemp(prefix="triptych-e2e-")))
    daemon.prepare(platform.data, StartOptions(regions=copy_regions(tmp_path, TERMS, dates=DATES), day_seconds=1))
    yield platform
    platform.triptych("down")
    shutil.rmtree(platform.root, ignore_errors=True)
