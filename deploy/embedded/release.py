"""Which release has brought a database up to date: a start with the same one need not run its migrations again.

What they do, privileges included, is decided by our code and by the locked packages. A hash of both is written to the database itself, as
its comment, once they have run: a database that is restored, or made again by hand, brings the comment of its own state, or none.
"""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

import asyncpg

from deploy.embedded.data_directory import REPOSITORY
from shared.kernel.services import SERVICES

_NO_CODE = frozenset({"assets", "locale", "__pycache__"})
_COMMENTS = "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"
_HEADING = "migrated by release "


def release_of(database: str) -> str:
    """A hash of what decides the database's tables and privileges."""
    own = REPOSITORY / "services" / database if database in SERVICES else REPOSITORY / database
    return sha256(_common() + _hash_of(own)).hexdigest()


@cache
def _common() -> bytes:
    return _hash_of(REPOSITORY / "shared") + (REPOSITORY / "requirements.txt").read_bytes()


def _hash_of(folder: Path) -> bytes:
    hashed = sha256()
    for path in _modules(folder):
        content = path.read_bytes()
        hashed.update(f"{path.relative_to(folder)} {len(content)}\n".encode() + content)
    return hashed.digest()


def _modules(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - _NO_CODE)
        yield from (Path(place) / name for name in sorted(files) if name.endswith(".py"))


async def behind(admin_dsn: str, databases: tuple[str, ...]) -> dict[str, str]:
    """The databases that this release has not migrated yet, each with its `release_of`."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        comments = dict(await admin.fetch(_COMMENTS))
    finally:
        await admin.close()
    releases = {database: release_of(database) for database in databases}
    return {database: release for database, release in releases.items() if comments.get(database) != _HEADING + release}


async def mark_migrated(admin_dsn: str, releases: Mapping[str, str]) -> None:
    """Once their migrations have run with this release."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        for database, release in releases.items():
            await admin.execute(f"COMMENT ON DATABASE \"{database}\" IS '{_HEADING}{release}'")
    finally:
        await admin.close()
