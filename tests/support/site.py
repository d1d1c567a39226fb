"""A data directory with the databases of a platform, for tests of backup and restore."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.servers import PostgreSQL
from deploy.embedded.state import State
from operations.backup.protection import public_key
from operations.backup.restore import Restored
from operations.backup.restore import restore as restore_with

MASTER_KEYS = DataDirectory(Path(tempfile.mkdtemp(prefix="triptych-keys-")))
atexit.register(shutil.rmtree, MASTER_KEYS.root, ignore_errors=True)
SIGNING_KEY = "11" * 32
SIGNER = public_key(SIGNING_KEY)


def ignore_progress(_stage: str, _share: float) -> None:
    """The progress is not shown."""


@dataclass
class Site:
    """A data directory with the databases of a platform, running."""

    data: DataDirectory
    server: PostgreSQL
    state: State

    def url(self, service: str) -> str:
        return self.state.database_url(service, driver="postgresql")

    async def run(self, service: str, statement: str, *arguments: object) -> None:
        database = await asyncpg.connect(self.url(service))
        await database.execute(statement, *arguments)
        await database.close()


def restore(backup: Path, data: DataDirectory, **options: Any) -> Restored:
    """On a machine that has no master keys, with the operator's copy of them."""
    return restore_with(backup, data, master_keys=MASTER_KEYS.master_keys, **options)
