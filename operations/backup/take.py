"""A backup of a running platform, under load.

The order matters. Secrets and keys do not change. The databases are one instant. The bank's side is copied after them, so that every
file of which the databases speak is there; what is there beyond them a restore finds anyway. The simulated bank's book comes before
the orders (it must not know one whose file is missing) and before the answers (what it has not noted as given, it gives again).
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import SUPERUSER, State
from operations.backup import manifest, postgres
from operations.backup.manifest import Manifest, Seen


class BackupRefused(Exception):
    """There is something in the way; nothing was written."""


def take_backup(data: DataDirectory, state: State, target: Path, seen: Seen) -> Manifest:
    """Writes the backup to `target`, which must not exist or be empty. Broken off, nothing bears that name.

    Raises `BackupRefused`, or `ProcessFailed` when the databases cannot be copied.
    """
    with _unfinished(target) as folder:
        for path in (data.state_file, data.private_key):
            _copy(path, folder / path.relative_to(data.root))
        postgres.base_backup(state.ports["postgres"], state.passwords[SUPERUSER], folder / "postgres", seen)
        taken_at, programme_at = manifest.now(), state.clock.now()
        _copy_book(data.bank_book, folder / data.bank_book.relative_to(data.root))
        _copy_bank_files(data, folder, seen)
        whole = manifest.write(folder, postgres.version(), taken_at, programme_at, seen)
        os.sync()
    return whole


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """Another name until all is there. Only the owner reads it: it holds every secret of the platform."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupRefused(f"{target} is there already. A backup is never written over another one.")
    folder = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(folder, ignore_errors=True)
    before = os.umask(0o077)
    try:
        folder.mkdir(parents=True)
        yield folder
        folder.rename(target)
    finally:
        os.umask(before)
        shutil.rmtree(folder, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _copy_book(book: Path, target: Path) -> None:
    """As SQLite copies a file that is being written. Nothing where there is no simulated bank."""
    if book.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(book)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)


def _copy_bank_files(data: DataDirectory, folder: Path, seen: Seen) -> None:
    """Files are whole from the moment they bear a name. An answer that is moved aside meanwhile is met again where it lies then."""
    sources = [data.bank_incoming, data.bank_incoming / "taken", data.bank_incoming / "refused", data.bank_outgoing]
    for number, source in enumerate(sources, 1):
        target = folder / source.relative_to(data.root)
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted(source.glob("[!.]*.xml")):
            try:
                _copy(path, target / path.name)
            except FileNotFoundError:
                continue
        seen("bank files", number / len(sources))
