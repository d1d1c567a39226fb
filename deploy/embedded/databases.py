"""One database per service, and one for the portal, on one PostgreSQL, each with two roles: the owner, as whom migrations run, and the
runtime role of the service,
which has the privileges that its tables declare (shared/database/privileges.py). Neither can connect to the databases of the others.

One more role, `triptych_verify`, can read every database and write to none: `triptych verify` uses it. Where PostgreSQL is not the
embedded one, `deploy/postgres/roles.sql` makes the same roles and databases.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Literal

import asyncpg

from shared.kernel.services import DATABASES, SERVICES, owner_of

VERIFY_ROLE = "triptych_verify"
ROLES = (*DATABASES, *(owner_of(name) for name in DATABASES), VERIFY_ROLE)


async def create_roles(admin: asyncpg.Connection, passwords: Mapping[str, str]) -> None:
    """Creates a role for each name in `passwords`, or sets the password of an existing one. May be run again."""
    for role, password in passwords.items():
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            await admin.execute(f'CREATE ROLE "{role}"')
        await admin.execute(f"ALTER ROLE \"{role}\" LOGIN PASSWORD '{_quoted(password)}'")
    if VERIFY_ROLE in passwords:
        await admin.execute(f'GRANT pg_read_all_data TO "{VERIFY_ROLE}"')
        await admin.execute(f'ALTER ROLE "{VERIFY_ROLE}" SET default_transaction_read_only = on')


async def create_database(
    admin: asyncpg.Connection, name: str, service: str, template: str = "template1", strategy: Literal["WAL_LOG", "FILE_COPY"] = "WAL_LOG"
) -> None:
    """Creates a database of the service unless it exists. Only the service's two roles and `triptych_verify` may connect.

    `strategy`: of PostgreSQL, how the template is copied. By its files takes a fifth of the time where nothing waits for the disk.
    """
    if not await _exists(admin, name):
        await admin.execute(f'CREATE DATABASE "{name}" OWNER "{owner_of(service)}" TEMPLATE "{template}" STRATEGY {strategy}')
    # PUBLIC may connect to a new database by default: then each service could read the others' catalogues.
    await admin.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    await admin.execute(f'GRANT CONNECT ON DATABASE "{name}" TO "{service}", "{VERIFY_ROLE}"')


async def create_all(admin_dsn: str, passwords: Mapping[str, str]) -> None:
    """Creates all databases and roles; `passwords` has a key for each of `ROLES`. `admin_dsn` ends in a database's name."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        await create_roles(admin, passwords)
        for service in DATABASES:
            if await _exists(admin, service):
                await _take_over(f"{admin_dsn.rpartition('/')[0]}/{service}", service)
            await create_database(admin, service, service)
    finally:
        await admin.close()


async def _exists(admin: asyncpg.Connection, database: str) -> bool:
    return bool(await admin.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database))


async def _take_over(admin_dsn: str, service: str) -> None:
    """Gives what the runtime role owns to the owner: an installation from before there were two roles has everything there.

    With what it owns the role loses its own rights, so grants come afterwards.
    """
    admin = await asyncpg.connect(admin_dsn)
    try:
        await admin.execute(f'REASSIGN OWNED BY "{service}" TO "{owner_of(service)}"')
    finally:
        await admin.close()


def migrate(service: str, url: str) -> None:
    """Runs the migrations of a service or of the portal; blocking. `url` is the owner's.

    The module is imported only here, because most users of this package need no tables.
    """
    import_module(module_of_migrations(service)).MIGRATIONS.upgrade(url)


def module_of_migrations(service: str) -> str:
    return f"services.{service}.migrate" if service in SERVICES else f"{service}.migrate"


async def has_events(dsns: Iterable[str]) -> bool:
    """True when one of the databases has an event. Without events nothing has changed any state."""
    for dsn in dsns:
        database = await asyncpg.connect(dsn)
        try:
            if await database.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
                return True
        finally:
            await database.close()
    return False


def _quoted(text: str) -> str:
    """Escapes a string literal for a statement that takes no parameters."""
    return text.replace("'", "''")
