"""Copies one running PostgreSQL cluster with pg_basebackup, and unpacks the copy."""

import asyncio
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import IO

import asyncpg

from deploy.embedded import binaries
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import ProcessFailed
from deploy.embedded.state import State
from operations.backup.manifest import NoBackup, OnProgress

_PERCENT = re.compile(r"\((\d+)%\)")
STREAMED = "postgres/base.tar.gz"
"""What an installation of containers has instead: the log that it needs is in the same archive."""
_CHUNK_BYTES = 1 << 20
_BASE, _LOG = "base.tar.gz", "pg_wal.tar.gz"


def version() -> str:
    output = subprocess.run([str(binaries.postgres() / "postgres"), "--version"], check=True, capture_output=True, text=True, timeout=30)
    return output.stdout.split()[-1]


def base_backup(port: int, password: str, folder: Path, on_progress: OnProgress) -> None:
    """Copies all databases as of one point of the write-ahead log, near the end of the copying. Raises `ProcessFailed`.

    The log that is written during the copying is streamed beside the files, so that the backup is complete by itself.
    """
    command = [
        *(str(binaries.postgres() / "pg_basebackup"), "--host", LOOPBACK, "--port", str(port), "--username", "postgres"),
        *("--pgdata", str(folder), "--format=tar", "--compress=client-gzip:1", "--wal-method=stream", "--checkpoint=fast"),
        *("--progress", "--no-password", "--label", "triptych"),
    ]
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PGPASSWORD": password}
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, bufsize=1) as copying:
        assert copying.stderr is not None
        last_message = ""
        for line in copying.stderr:  # with universal newlines each progress report is a line
            found = _PERCENT.search(line)
            last_message = last_message if found else line.strip()
            if found:
                on_progress("databases", int(found[1]) / 100)
    if copying.returncode != 0:
        raise ProcessFailed(f"The databases could not be copied: {last_message}")


def unpack(folder: Path, data: Path, postgres: str) -> None:
    """Makes a data folder that PostgreSQL recovers from when it starts.

    `postgres` is the version that wrote the backup. Raises `NoBackup` when its major version is not the one installed here.
    """
    ours = version()
    if postgres.split(".", maxsplit=1)[0] != ours.split(".")[0]:
        raise NoBackup(
            f"The databases were written by PostgreSQL {postgres}; installed is {ours}. Restore with a version of Triptych that has it."
        )
    data.mkdir(mode=0o700, parents=True)
    for archive, target in ((_BASE, data), (_LOG, data / "pg_wal")):
        with tarfile.open(folder / archive) as packed:
            packed.extractall(target, filter="data")
    user = binaries.unprivileged_user()
    for path in (data, *data.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
        binaries.change_owner(path, user)


def server_version(state: State) -> str:
    """Of the PostgreSQL that runs."""

    async def ask() -> str:
        database = await asyncpg.connect(state.verify_url("payments", "postgresql"))
        try:
            version: str = await database.fetchval("SHOW server_version")
        finally:
            await database.close()
        return version.split(maxsplit=1)[0]

    return asyncio.run(ask())


def copy_from(stream: IO[bytes], target: Path, on_progress: OnProgress) -> None:
    """Writes what pg_basebackup sends (one tar, gzip). `ProcessFailed` when it ends too early: then the copy failed."""
    on_progress("databases", 0)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(stream, file, _CHUNK_BYTES)
    try:
        with tarfile.open(target) as packed:  # read to its end, and nothing is written
            names = {member.name for member in packed}
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ProcessFailed("The copy of the databases is not whole: see what pg_basebackup said.") from error
    if not {"PG_VERSION", "backup_label"} <= names:
        raise ProcessFailed("What came is no copy of the databases.")
    on_progress("databases", 1)
