"""Restores an installation of containers, whose servers are started by `docker compose` alone: the databases go to PostgreSQL's volume as a
stream (deploy/compose/backup.sh).

Temporal keeps its state in the same PostgreSQL, so it is of the same instant as the vouchers. The broker begins empty after a restore.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import asyncpg

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import State
from operations.backup import manifest, postgres
from operations.backup.manifest import Manifest, OnProgress
from operations.backup.orders import Comparison
from operations.backup.protection import SUFFIX, KeyRefused, decrypt, public_key, signer_in
from operations.backup.restore import ANCHORS, BANK, FILES, reconcile_services, return_answers
from shared.kernel.services import DATABASES
from shared.messaging import anchors

_CHUNK_BYTES = 1 << 20


class NotEmpty(Exception):
    """Something is there already that the backup would have to replace; nothing was changed."""


@dataclass(frozen=True)
class Unpacked:
    """`bank_kept`, `anchors_kept`: they were there, and stay as they are."""

    manifest: Manifest
    bank_kept: bool
    anchors_kept: bool


def unpack(
    backup: Path,
    data: DataDirectory,
    state: State,
    identity: Path | None,
    signed_by: str | None,
    databases: IO[bytes],
    on_progress: OnProgress,
) -> Unpacked:
    """Writes the databases to the stream, and the files to their volumes, which are empty. Bank and anchors that are there stay: neither
    is rolled back.

    The backup must be signed by `signed_by`, else by the key that the identity's file names, else by this installation. Raises `NoBackup`,
    `KeyRefused`, `NotEmpty`.
    """
    signer = signed_by or (signer_in(identity) if identity else None) or public_key(state.signing_key)
    listed = manifest.verified(backup, signer, on_progress)
    if listed.encrypted and identity is None:
        raise KeyRefused("The backup is encrypted: give the identity that opens it.")
    if full := [store for store in FILES if any((data.root / store).iterdir())]:
        raise NotEmpty(f"{', '.join(full)}: there are files already. A restore begins with empty volumes.")
    kept = {folder: any(path.is_file() for path in (data.root / folder).rglob("*")) for folder in (BANK, ANCHORS)}
    for number, part in enumerate(listed.parts, 1):
        name = part.path.removesuffix(SUFFIX) if listed.encrypted else part.path
        folder = name.partition("/")[0]
        if name == postgres.STREAMED or folder in FILES or (folder in kept and not kept[folder]):
            with _clear(backup / part.path, identity if listed.encrypted else None, backup.parent) as clear:
                _put(clear, name, data, databases)
        on_progress("unpacking", number / len(listed.parts))
    databases.flush()
    return Unpacked(listed, kept[BANK], kept[ANCHORS])


@contextmanager
def _clear(source: Path, identity: Path | None, beside: Path) -> Iterator[Path]:
    """The file as it was before it was encrypted; in the folder `beside`, on the disk of the backups, since it may be large."""
    if identity is None:
        yield source
        return
    with tempfile.TemporaryDirectory(dir=beside) as folder:
        decrypt(source, Path(folder) / "clear", identity)
        yield Path(folder) / "clear"


def _put(clear: Path, name: str, data: DataDirectory, databases: IO[bytes]) -> None:
    if name == postgres.STREAMED:
        with clear.open("rb") as file:
            shutil.copyfileobj(file, databases, _CHUNK_BYTES)
        return
    target = data.root / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(clear, target)


async def reconcile(state: State, data: DataDirectory, on_progress: OnProgress) -> tuple[int, Comparison]:
    """After the databases run again, and before any service does: see `restore`. Returns the number of workflows, and what was found in the
    files for the bank. Payments are held."""
    workflows, compared, heads = await reconcile_services(state, data, data.bank_outgoing, data.bank_keys.our_public, on_progress)
    return_answers(data.bank_incoming)
    for head in heads:
        anchors.append(data.anchors, head)
    return workflows, compared


async def services_run(state: State) -> bool:
    """Whether a process of ours is connected to a database: the reconciliation has to come before any of them starts."""
    database = await asyncpg.connect(state.verify_url("payments", "postgresql"))
    try:
        return bool(await database.fetchval("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE usename = ANY($1))", list(DATABASES)))
    finally:
        await database.close()
