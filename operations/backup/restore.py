"""A platform made of a backup, in step with a world that went on without it.

All is prepared in `restoring/`, with which the home does not start; it goes away last. What was there before is set aside, never
deleted. The folder `bank/` is the outside world: it is not touched when it is there, but for answers that are laid out to be read again.
"""

import asyncio
import os
import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.databases import SERVICES, migrate
from deploy.embedded.servers import PostgreSQL, Temporal
from deploy.embedded.state import SUPERUSER, State, read_state
from deploy.embedded.supervisor import exclusive
from operations.backup import manifest, postgres
from operations.backup.lifecycles import begin_lifecycles
from operations.backup.manifest import Manifest, Seen
from operations.backup.orders import Compared, hold_and_compare

BANK = "bank"
RECOVERY_SECONDS = 600
_NOT_CONTENTS = ("restoring", "supervisor.lock", BANK)


class RestoreRefused(Exception):
    """There is something in the way; nothing was changed."""


@dataclass(frozen=True)
class Restored:
    """`bank_kept`: the bank's folders were there and were compared; else they are those of the backup. `aside`: the former home."""

    manifest: Manifest
    compared: Compared
    lifecycles: int
    bank_kept: bool
    aside: Path | None


def restore(backup: Path, data: DataDirectory, *, force: bool, seen: Seen) -> Restored:
    """Raises `NoBackup`, `AlreadyRunning`, `RestoreRefused`, or `ProcessFailed` when a server does not come up."""
    before = os.umask(0o077)
    try:
        whole = manifest.verified(backup, seen)
        with exclusive(data):
            return _restore(whole, backup, data, force, seen)
    finally:
        os.umask(before)


def _restore(whole: Manifest, backup: Path, data: DataDirectory, force: bool, seen: Seen) -> Restored:
    if _contents(data) and not force:
        raise RestoreRefused(f"There is a platform in {data.root}. With --force it is set aside and replaced.")
    staged, bank_kept = DataDirectory(data.restore_staging), (data.root / BANK).exists()
    shutil.rmtree(staged.root, ignore_errors=True)
    staged.root.mkdir(mode=0o700)
    _unpack(whole, backup, staged, seen)
    if not bank_kept and (backup / BANK).exists():
        shutil.copytree(backup / BANK, staged.root / BANK)
    world = data if bank_kept else staged
    lifecycles, compared = _reconcile(staged, world.bank_outgoing, seen)
    seen("moving into place", 0)
    _give_again(world.bank_incoming)
    os.sync()
    aside = _set_aside(data)
    for path in sorted(staged.root.iterdir()):
        path.rename(data.root / path.name)
    staged.root.rmdir()
    seen("moving into place", 1)
    return Restored(whole, compared, lifecycles, bank_kept, aside)


def _unpack(whole: Manifest, backup: Path, staged: DataDirectory, seen: Seen) -> None:
    seen("unpacking", 0)
    for path in (staged.state_file, staged.private_key):
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(backup / path.relative_to(staged.root), path)
    postgres.unpack(backup / "postgres", staged.root / "postgres" / "data", whole.postgres)
    seen("unpacking", 1)


def _reconcile(staged: DataDirectory, outgoing: Path, seen: Seen) -> tuple[int, Compared]:
    """With databases and Temporal alone, before anything acts: whoever starts afterwards finds all in step."""
    now = read_state(staged)
    unsynced = {"fsync": "off"}  # all of it reaches the disk together, before it is moved into place
    database = PostgreSQL(staged.root / "postgres", password=now.passwords[SUPERUSER], log=staged.log("postgres"), settings=unsynced)
    temporal = Temporal(staged.root / "temporal", log=staged.log("temporal"))
    with ExitStack() as servers:
        for number, server in enumerate((database, temporal)):
            seen("recovering", number / 2)
            servers.callback(server.stop, 60)
            server.start()
            server.wait_ready(RECOVERY_SECONDS)
        here = now.model_copy(update={"port_overrides": {}, "ports": now.ports | {"postgres": database.port, "temporal": temporal.port}})
        seen("reconciling", 0)
        _migrate(here)
        return asyncio.run(_in_step(here, outgoing, seen))


def _migrate(now: State) -> None:
    for service in SERVICES:
        migrate(service, now.database_url(service))


async def _in_step(now: State, outgoing: Path, seen: Seen) -> tuple[int, Compared]:
    for service in SERVICES:
        await _refill_broker(now, service)
    begun = await begin_lifecycles(now)
    seen("reconciling", 0.5)
    compared = await hold_and_compare(now, outgoing)
    seen("reconciling", 1)
    return begun, compared


async def _refill_broker(now: State, service: str) -> None:
    """The broker begins empty, whatever the relay's marks say; what it once held of the lost time nobody hears again."""
    database = await asyncpg.connect(now.database_url(service, driver="postgresql"))
    try:
        await database.execute("UPDATE outbox_checkpoints SET republishing = true")
    finally:
        await database.close()


def _give_again(incoming: Path) -> None:
    """What the bank said was taken in by a database that is lost. One that this one knows is known by its bytes, and moved aside again."""
    for folder in (incoming / "taken", incoming / "refused"):
        for path in folder.glob("*.xml"):
            path.replace(incoming / path.name)


def _set_aside(data: DataDirectory) -> Path | None:
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
