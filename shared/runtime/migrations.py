"""Migrations of a service's database: of the tables that every database has, and of the service's own."""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.database.privileges import grant
from shared.messaging.acts import ActRow
from shared.messaging.scheme_files import SchemeFileRow
from shared.messaging.tables import OutboxRow
from shared.privacy.keys import SubjectKeyRow
from shared.web.access_log import AccessRow
from shared.web.idempotency import IdempotencyRow

WAIT_SECONDS = 2
ROOT = Path(__file__).resolve().parents[2]
PLATFORM = [*{row.metadata for row in (OutboxRow, ActRow, IdempotencyRow, AccessRow, SubjectKeyRow, SchemeFileRow)}]
"""The tables of every database: those of messaging, the acts, the idempotency keys, the access log, the keys of data subjects,
and the published policies and forms."""


@dataclass(frozen=True)
class Migrations:
    """The migrations of `service`; `tables` is the metadata of its own tables, against which a new revision is generated.

    `runtime_role`: the role that gets the privileges that the tables declare; without one the role of the service's name. `own_folder`:
    where the migrations are, if not in the folder of a service. `platform`: the tables that the database has in common with others.
    """

    service: str
    tables: MetaData
    runtime_role: str = ""
    own_folder: Path | None = None
    platform: Sequence[MetaData] = tuple(PLATFORM)

    @property
    def folder(self) -> Path:
        return self.own_folder or ROOT / "services" / self.service / "migrations"

    def upgrade(self, url: str) -> None:
        """Brings the database up to date, as its owner, and gives the runtime role its privileges. Blocks; safe to repeat."""
        command.upgrade(self._config(url), "heads")
        asyncio.run(grant(url, self.runtime_role or self.service, [*self.platform, self.tables]))

    def check(self, url: str) -> None:
        """Raises alembic's CommandError when the tables differ from the migrated database."""
        command.check(self._config(url))

    def is_current(self, url: str) -> bool:
        """Whether the database has all of these migrations, or is of a later version, whose migrations only add. As any role that may
        read `alembic_version`; False while the database does not answer or has no migration."""
        scripts = ScriptDirectory.from_config(self._config(url))
        known = {revision.revision for revision in scripts.walk_revisions()}
        try:
            applied = asyncio.run(_applied(url))
        except (DBAPIError, OSError):
            return False
        return not applied <= known or set(scripts.get_heads()) <= applied

    def wait(self, url: str) -> None:
        """Returns when the database is current. Without a limit: who started the process has one."""
        while not self.is_current(url):
            time.sleep(WAIT_SECONDS)

    def revise(self, url: str, message: str) -> None:
        """Writes a new migration into the service's folder from the difference between tables and database."""
        command.revision(self._config(url), message=message, autogenerate=True, head=f"{self.service}@head", version_path=str(self.folder))

    def main(self, url: str) -> None:
        """The command line of `python -m services.<service>.migrate`."""
        action, *rest = sys.argv[1:] or ["upgrade"]
        if action == "revision":
            self.revise(url, rest[-1] if rest else "change")
        else:
            {"upgrade": self.upgrade, "check": self.check, "wait": self.wait}[action](url)

    def _config(self, url: str) -> Config:
        config = Config()
        config.set_main_option("script_location", str(ROOT / "shared/database/alembic"))
        config.set_main_option("path_separator", "newline")
        folders = [*([ROOT / "shared/messaging/migrations"] if self.platform else []), self.folder]
        config.set_main_option("version_locations", "\n".join(map(str, folders)))
        config.attributes["url"] = url
        config.attributes["metadata"] = [*self.platform, self.tables]
        return config


async def _applied(url: str) -> set[str]:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return set(await connection.scalars(text("SELECT version_num FROM alembic_version")))
    finally:
        await engine.dispose()
