"""Restores a platform from a backup and reconciles it with the bank, which went on in the recovery gap.

Everything is prepared in `restoring/`; while that folder exists the platform does not start, and it is removed last. The former contents
of the data directory are moved aside, never deleted. The folder `bank/` belongs to the bank: where it exists it is left as it is,
except that processed answers are moved back so that they are read again. The anchors of the hash chains stay as well, with a line for each
chain that says to which link the restore went back, and the master keys, which no backup has.
"""

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg

from deploy.embedded.composition import create_databases, migrate_databases
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.master_keys import ensure_master_keys, sealer_of
from deploy.embedded.process import ProcessFailed
from deploy.embedded.servers import PostgreSQL, Temporal
from deploy.embedded.state import SUPERUSER, State, load_state, read_state, with_all_secrets, write_state
from deploy.embedded.supervisor import exclusive
from operations.backup import manifest, postgres
from operations.backup.lifecycles import restart_workflows
from operations.backup.manifest import Manifest, NoBackup, OnProgress
from operations.backup.orders import Comparison, hold_and_compare
from operations.backup.protection import SUFFIX, KeyRefused, decrypt, public_key, signer_in
from shared.identity import signatures
from shared.kernel.files import NotAFile, move_file, usable_name
from shared.kernel.services import SERVICES
from shared.messaging import anchors
from shared.messaging.anchors import Anchor

BANK, ANCHORS, FILES = "bank", "anchors", ("files", "claim-files")
RECOVERY_SECONDS = 600
_NOT_CONTENTS = ("restoring", "supervisor.lock", BANK, ANCHORS, "master-keys")


class RestoreRefused(Exception):
    """The data directory is in use; nothing was changed."""


@dataclass(frozen=True)
class Restored:
    """`bank_kept`: the bank's folders existed and were compared; otherwise they come from the backup. `anchors_kept`: so did the anchors
    and the lists of erasures; otherwise what was erased after the backup is back. `newest_anchor`: of the platform that was here.
    `aside`: the former contents of the data directory. `workflows`: how many were started again."""

    manifest: Manifest
    compared: Comparison
    workflows: int
    bank_kept: bool
    anchors_kept: bool
    newest_anchor: datetime | None
    aside: Path | None


def restore(
    backup: Path,
    data: DataDirectory,
    *,
    force: bool,
    on_progress: OnProgress,
    identity: Path | None = None,
    signed_by: str | None = None,
    master_keys: Path | None = None,
) -> Restored:
    """Replaces the platform in `data` by the backup, which must be signed by `signed_by`; without that by the key in the file `identity`,
    else by the platform that is replaced. `master_keys`: the operator's copy of the file, for a machine that has none.

    Raises `NoBackup`, `KeyRefused`, `AlreadyRunning`, `RestoreRefused`, or `ProcessFailed` when a server fails.
    """
    before = os.umask(0o077)
    try:
        listed = manifest.verified(backup, signed_by or _trusted_signer(data, identity), on_progress)
        if listed.encrypted and identity is None:
            raise KeyRefused("The backup is encrypted: give the file of the identity that opens it.")
        with exclusive(data), _nothing_left(data):
            if master_keys is not None:
                _copy_master_keys(master_keys, data)
            return _restore(listed, backup, data, identity, force, on_progress)
    finally:
        os.umask(before)


@contextmanager
def _nothing_left(data: DataDirectory) -> Iterator[None]:
    """A backup that cannot be opened or used is refused before anything is replaced, so the platform here may start again."""
    try:
        yield
    except (KeyRefused, NoBackup):
        shutil.rmtree(data.restore_staging, ignore_errors=True)
        raise


def _trusted_signer(data: DataDirectory, identity: Path | None) -> str:
    """The public key that the operator's file names, else that of the platform here; never one from the backup."""
    signer = signer_in(identity) if identity else None
    state = load_state(data)
    if signer is None and state is not None and state.signing_key:
        signer = public_key(state.signing_key)
    if signer is None:
        raise KeyRefused("Nothing here says who must have signed the backup: give the signer's key (`triptych keys signer` printed it).")
    return signer


def _restore(listed: Manifest, backup: Path, data: DataDirectory, identity: Path | None, force: bool, on_progress: OnProgress) -> Restored:
    if _contents(data) and not force:
        raise RestoreRefused(f"There is a platform in {data.root}. With --force it is moved aside and replaced.")
    staged, bank_kept = DataDirectory(data.restore_staging), (data.root / BANK).exists()
    shutil.rmtree(staged.root, ignore_errors=True)
    staged.root.mkdir(mode=0o700)
    if listed.encrypted and identity is not None:
        backup = _opened(listed, backup, staged.root / "opened", identity, on_progress)
    _unpack(listed, backup, staged, on_progress)
    _check_master_keys(data, staged)
    for store in FILES:
        if (backup / store).exists():  # a backup of an earlier version, or of a platform without files, has none
            shutil.copytree(backup / store, staged.root / store)
    for folder in (BANK, ANCHORS):
        if not (folder == BANK and bank_kept) and (backup / folder).exists():
            shutil.copytree(backup / folder, staged.root / folder)
    heads_here = (anchor for service in SERVICES for anchor in anchors.read(data.anchors, service) if anchor.event == "head")
    newest_anchor = max((anchor.at for anchor in heads_here), default=None)
    anchors_kept = all(anchors.file_of(data.anchors, service).exists() for service in SERVICES)
    shutil.rmtree(staged.root / "opened", ignore_errors=True)
    bank_side = data if bank_kept else staged
    workflows, compared, heads = _reconcile(staged, data, bank_side.bank_outgoing, on_progress)
    on_progress("moving into place", 0)
    return_answers(bank_side.bank_incoming)
    os.sync()
    aside = _move_aside(data)
    _add_anchors(staged.root / ANCHORS, data.anchors)
    for path in sorted(staged.root.iterdir()):
        path.rename(data.root / path.name)
    staged.root.rmdir()
    for head in heads:
        anchors.append(data.anchors, head)
    on_progress("moving into place", 1)
    return Restored(listed, compared, workflows, bank_kept, anchors_kept, newest_anchor, aside)


def _add_anchors(staged: Path, here: Path) -> None:
    """Moves the files that are missing here. Those of the platform that is replaced are newer than those of the backup, and stay."""
    for path in sorted(staged.glob("*")):
        if not (here / path.name).exists():
            here.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.rename(here / path.name)
    shutil.rmtree(staged, ignore_errors=True)


def _opened(listed: Manifest, backup: Path, target: Path, identity: Path, on_progress: OnProgress) -> Path:
    """Decrypts every file into `target` and returns it."""
    for number, part in enumerate(listed.parts, 1):
        decrypt(backup / part.path, target / part.path.removesuffix(SUFFIX), identity)
        on_progress("decrypting", number / len(listed.parts))
    return target


def _unpack(listed: Manifest, backup: Path, staged: DataDirectory, on_progress: OnProgress) -> None:
    on_progress("unpacking", 0)
    for path in staged.secrets:
        if not (backup / path.relative_to(staged.root)).exists():
            continue  # a backup of an earlier version has no keys of the bank's channel
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(backup / path.relative_to(staged.root), path)
    postgres.unpack(backup / "postgres", staged.root / "postgres" / "data", listed.postgres)
    on_progress("unpacking", 1)


def _copy_master_keys(copy: Path, data: DataDirectory) -> None:
    """Raises `KeyRefused` when there are others already, which may open what the copy does not."""
    if data.master_keys.exists() and data.master_keys.read_bytes() != copy.read_bytes():
        raise KeyRefused(f"There are other master keys in {data.master_keys} already: move them away first.")
    data.master_keys.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(copy, data.master_keys)


def _check_master_keys(data: DataDirectory, staged: DataDirectory) -> None:
    """No backup has the master keys. Raises `KeyRefused` when they are not here either; those of a backup without any are made."""
    try:
        ensure_master_keys(data, expected=read_state(staged).master_keys_made)
    except ProcessFailed as error:
        raise KeyRefused(f"{error} Or name the copy: --master-keys FILE.") from error


def _reconcile(staged: DataDirectory, data: DataDirectory, outgoing: Path, on_progress: OnProgress) -> tuple[int, Comparison, list[Anchor]]:
    """Brings workflows, event logs and payments into agreement, with the databases and Temporal alone, before any service runs."""
    now = with_all_secrets(read_state(staged))
    write_state(staged.state_file, now)
    unsynced = {"fsync": "off"}  # `os.sync` writes all of it to disk before it is moved into place
    database = PostgreSQL(staged.root / "postgres", password=now.passwords[SUPERUSER], log=staged.log("postgres"), settings=unsynced)
    temporal = Temporal(staged.root / "temporal", log=staged.log("temporal"))
    with ExitStack() as servers:
        for number, server in enumerate((database, temporal)):
            on_progress("recovering", number / 2)
            servers.callback(server.stop, 60)
            server.start()
            server.wait_ready(RECOVERY_SECONDS)
        here = now.model_copy(update={"port_overrides": {}, "ports": now.ports | {"postgres": database.port, "temporal": temporal.port}})
        on_progress("reconciling", 0)
        create_databases(here)
        migrate_databases(here)
        return asyncio.run(reconcile_services(here, data, outgoing, staged.bank_keys.our_public, on_progress))


async def reconcile_services(
    now: State, data: DataDirectory, outgoing: Path, our_keys: Path, on_progress: OnProgress
) -> tuple[int, Comparison, list[Anchor]]:
    heads = [head for service in SERVICES for head in await _restored_heads(now, service)]
    for service in SERVICES:
        await _republish_log(now, service)
    started = await restart_workflows(now, data)
    on_progress("reconciling", 0.5)
    compared = await hold_and_compare(now, sealer_of(data, "payments", now.hash_key), outgoing, our_keys)
    on_progress("reconciling", 1)
    return started, compared, heads


async def _restored_heads(now: State, service: str) -> list[Anchor]:
    """The heads to which the restore goes back: newer anchors are of rows that were lost with the database."""
    database = await asyncpg.connect(now.verify_url(service, "postgresql"))
    try:
        heads = await database.fetch("SELECT DISTINCT ON (chain) * FROM chain_links ORDER BY chain, number DESC")
    finally:
        await database.close()
    day = now.clock.now().date()
    return [
        Anchor(
            day=day, service=service, chain=head["chain"], link=head["number"], position=head["last_position"], hash=head["hash"],
            event="restored",
        )
        for head in heads
    ]  # fmt: skip


async def _republish_log(now: State, service: str) -> None:
    """The broker starts empty, whatever the relay's checkpoints say, so the relay republishes the listed log.

    Events of the recovery gap that the old broker held are not in the log and are not delivered again.
    """
    database = await asyncpg.connect(now.database_url(service, driver="postgresql"))
    try:
        await database.execute("UPDATE outbox_checkpoints SET republishing = true")
    finally:
        await database.close()


def return_answers(incoming: Path) -> None:
    """Moves the bank's answers back to be read again: a lost database had processed them.

    An answer that the restored database has processed is recognised by its hash and moved aside again. What is no file stays where it is,
    and so does a folder that is a link: nothing is moved out of another place.
    """
    for folder in (incoming / "taken", incoming / "refused"):
        for path in folder.glob("*.xml"):
            with suppress(NotAFile):
                if path.is_file() and not path.is_symlink():
                    move_file(path, incoming, incoming, usable_name(path.name), (signatures.SUFFIX, ""))


def _move_aside(data: DataDirectory) -> Path | None:
    contents = _contents(data)
    if not contents:
        return None
    aside = data.root.with_name(f"{data.root.name}.before-{time.strftime('%Y%m%d-%H%M%S')}")
    aside.mkdir(mode=0o700)
    for path in contents:
        path.rename(aside / path.name)
    return aside


def _contents(data: DataDirectory) -> list[Path]:
    return sorted(path for path in data.root.iterdir() if path.name not in _NOT_CONTENTS)
