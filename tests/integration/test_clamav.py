"""Files are looked at by a real ClamAV daemon, whose only signature is the hash of a harmless text of ours."""

import getpass
import hashlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from services.applications.tables import FileRow
from shared.files.clamav import Scanner, ScanState
from shared.files.limits import MIB
from simulation.sample_files import sample_pdf
from tests.integration.applications.conftest import Desk, call_id, desk
from tests.support.applications import FIRM, keep_files

__all__ = ["call_id", "desk"]
MARKED = sample_pdf("A harmless text that the scanner of the tests looks for")
START_SECONDS = 60


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a daemon with a database of one signature: MD5, size and name of the marked file."""
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        pytest.skip("ClamAV is not installed (root: apt-get install clamav-daemon)")
    folder = tmp_path_factory.mktemp("clamd")
    signature = f"{hashlib.md5(MARKED, usedforsecurity=False).hexdigest()}:{len(MARKED)}:Triptych.Test.Marker"
    (folder / "database").mkdir()
    (folder / "database" / "marker.hdb").write_text(signature + "\n")
    settings = {
        "LocalSocket": folder / "socket", "DatabaseDirectory": folder / "database", "LogFile": folder / "log", "User": getpass.getuser(),
        "Foreground": "yes", "TemporaryDirectory": folder, "SelfCheck": 86_400, "ConcurrentDatabaseReload": "no",
    }  # fmt: skip
    (folder / "clamd.conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    daemon = subprocess.Popen([program, "--config-file", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        for _ in range(START_SECONDS * 10):
            with suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(folder / "socket"))
                break
            assert daemon.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        yield f"unix://{folder / 'socket'}"
    finally:
        daemon.terminate()
        daemon.wait(30)


async def test_daemon_finds_the_marked_file_only(clamd: str) -> None:
    scanner = Scanner(clamd)
    assert await scanner.scan(MARKED) is ScanState.INFECTED
    assert await scanner.scan(sample_pdf("Another text")) is ScanState.CLEAN
    assert await scanner.scan(sample_pdf("A large one") + bytes(15 * MIB)) is ScanState.CLEAN


async def test_infected_file_is_refused_and_not_kept(desk: Desk, call_id: str, clamd: str) -> None:
    draft = (await desk.draft(call_id, FIRM))["id"]
    keep_files(desk.app, desk.folder, clamd)
    refused = await desk.give(draft, FIRM, 422, content=MARKED, name="offer.pdf")
    assert (refused["code"], refused["errors"][0]["field"]) == ("file-infected", "file")
    assert (desk.stored(), await desk.rows(FileRow)) == ([], [])
    assert (await desk.give(draft, FIRM))["scan"] == "clean"
    assert len(desk.stored()) == 1
