"""Takes a backup of a running platform, under load.

The order matters. Secrets and keys do not change. The databases are copied as of one instant. The bank's side is copied after them, so
that every file that the databases refer to is in the backup; a restore imports newer payment files anyway. The simulated bank's book is
copied before the payment files (it must not hold an order whose file is missing) and before the bank's answers (an answer that the book
does not record as delivered is delivered again). Until the files of applications are copied, after the databases, none of
them is deleted.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple

from pyrage import x25519

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import SUPERUSER, State
from operations.backup import manifest, postgres
from operations.backup.files import kept_files
from operations.backup.manifest import Manifest, OnProgress
from operations.backup.protection import SUFFIX, encrypt
from shared.identity import signatures
from shared.kernel.files import NOT_READABLE, deliveries_in, open_file, usable_name


class BackupRefused(Exception):
    """The target is not empty; nothing was written."""


class Taken(NamedTuple):
    """`skipped`: what is in the bank's folders under the name of a file and could not be copied, because it is none or may not be read."""

    manifest: Manifest
    skipped: Sequence[Path]


def take_backup(
    data: DataDirectory,
    state: State,
    target: Path,
    on_progress: OnProgress,
    *,
    recipients: Sequence[x25519.Recipient] = (),
    databases: IO[bytes] | None = None,
) -> Taken:
    """Writes the backup to `target`, which must not exist or be empty. An interrupted backup leaves no folder of that name.

    With `recipients` every file in `target` is encrypted to them; what is to be encrypted is collected in the data directory, beside the
    same data. `databases`: in an installation of containers, the copy of the databases as it comes from pg_basebackup; then what is to be
    encrypted is collected beside `target`. Raises `BackupRefused`, or `ProcessFailed` when the databases cannot be copied.
    """
    staging = data.backup_staging if databases is None else target.with_name(f"{target.name}.clear")
    with _unfinished(target) as folder:
        with _staging(staging, folder, encrypted=bool(recipients)) as clear:
            taken_at, programme_at, skipped = _collect(data, state, clear, on_progress, databases)
            if recipients:
                _encrypt_all(clear, folder, recipients, on_progress)
        written = manifest.write(
            folder,
            postgres.version() if databases is None else postgres.server_version(state),
            taken_at,
            programme_at,
            encrypted=bool(recipients),
            signing_key=state.signing_key,
            on_progress=on_progress,
        )
        os.sync()
    return Taken(written, skipped)


def _collect(
    data: DataDirectory, state: State, folder: Path, on_progress: OnProgress, databases: IO[bytes] | None
) -> tuple[datetime, datetime, list[Path]]:
    """Copies everything; returns the moment of the databases, in real and in programme time, and what was skipped."""
    for path in filter(Path.exists, data.secrets):  # a platform of an earlier version has no keys of the bank's channel
        _copy(path, folder / path.relative_to(data.root))
    if data.anchors.exists():
        shutil.copytree(data.anchors, folder / data.anchors.relative_to(data.root))  # before the databases: no anchor is ahead of them
    with kept_files(state):
        if databases is not None:  # of an instant near its end: it cannot end before it is read here
            postgres.copy_from(databases, folder / postgres.STREAMED, on_progress)
        else:
            postgres.base_backup(state.ports["postgres"], state.passwords[SUPERUSER], folder / "postgres", on_progress)
        taken_at, programme_at = manifest.now(), state.clock.now()
        _copy_files(data, folder, on_progress)
    _copy_book(data.bank_book, folder / data.bank_book.relative_to(data.root))
    return taken_at, programme_at, _copy_bank_files(data, folder, on_progress)


def _copy_files(data: DataDirectory, folder: Path, on_progress: OnProgress) -> None:
    """The encrypted files of applications and of claims. One that is being written has another name, and no row yet."""
    found = (path for store in (data.files, data.claim_files) for path in sorted(store.rglob("*")))
    paths = [path for path in found if path.is_file() and "#" not in path.name]
    for number, path in enumerate(paths, 1):
        _copy(path, folder / path.relative_to(data.root))
        on_progress("files", number / len(paths))


@contextmanager
def _staging(staging: Path, folder: Path, *, encrypted: bool) -> Iterator[Path]:
    """Where the files are collected: the backup itself, or the folder `staging`, which is removed afterwards."""
    if not encrypted:
        yield folder
        return
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _encrypt_all(clear: Path, folder: Path, recipients: Sequence[x25519.Recipient], on_progress: OnProgress) -> None:
    paths = [path for path in sorted(clear.rglob("*")) if path.is_file()]
    for number, path in enumerate(paths, 1):
        encrypt(path, folder / f"{path.relative_to(clear)}{SUFFIX}", recipients)
        on_progress("encrypting", number / len(paths))


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """A folder with another name until it is complete. Only its owner can read it: unencrypted it holds every secret of the platform."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupRefused(f"{target} exists already. A backup never overwrites another one.")
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
    """Copies with SQLite's own backup, because the bank may be writing. Copies nothing where there is no simulated bank."""
    if book.is_file() and not book.is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(book)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)


def _copy_bank_files(data: DataDirectory, folder: Path, on_progress: OnProgress) -> list[Path]:
    """Files are complete from the moment they have their name. An answer that is moved during the copying is copied from its new folder.

    Others write to these folders: no link of theirs is followed, to the master keys for instance (decision 0019), and what has a name that
    cannot be used is copied under one of ours. Returns what was skipped.
    """
    skipped: list[Path] = []
    incoming = data.bank_incoming
    sources = [(incoming, incoming), (incoming / "taken", incoming), (incoming / "refused", incoming)]
    for number, (source, root) in enumerate([*sources, (data.bank_outgoing, data.bank_outgoing)], 1):
        target = folder / source.relative_to(data.root)
        target.mkdir(parents=True, exist_ok=True)
        waiting = deliveries_in(source) if source == incoming else {}
        signed = [one for one in source.glob("[!.]*.sig") if one.with_name(one.name.removesuffix(signatures.SUFFIX)) in waiting]
        for path in sorted({*source.glob("[!.]*.xml.sig"), *source.glob("[!.]*.xml"), *waiting, *signed}):
            try:
                with open_file(path, root) as file, (target / _name_of_copy(path)).open("wb") as copy:
                    shutil.copyfileobj(file, copy)
            except FileNotFoundError:  # moved meanwhile
                continue
            except NOT_READABLE:
                skipped.append(path)
        on_progress("bank files", number / (len(sources) + 1))
    return skipped


def _name_of_copy(path: Path) -> str:
    """A signature keeps the name of its file."""
    name = path.name.removesuffix(signatures.SUFFIX)
    return usable_name(name) + path.name[len(name) :]
