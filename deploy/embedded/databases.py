"""One database and one role per service on one PostgreSQL. A role cannot connect to the databases of the others.

One more role, `triptych_verify`, can read every database and write to none: `triptych verify` uses it.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module

import asyncpg

SERVICES = ("applications", "evaluation", "payments", "vouchers")
VERIFY_ROLE = "triptych_verify"


async def create_roles(admin: asyncpg.Connection, passwords: Mapping[str, str]) -> None:
    """Creates a role for each name in `passwords`, or sets the password of an existing one. May be run again."""
    for role, password in passwords.items():
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            await admin.execute(f'CREATE ROLE "{role}"')
        await admin.execute(f"ALTER ROLE \"{role}\" LOGIN PASSWORD '{_quoted(password)}'")
    if VERIFY_ROLE in passwords:
        await admin.execute(f'GRANT pg_read_all_data TO "{VERIFY_ROLE}"')
        await admin.execute(f'ALTER ROLE "{VERIFY_ROLE}" SET default_transaction_read_only = on')


async def create_database(admin: asyncpg.Connection, name: str, owner: str, template: str = "template1") -> None:
    """Creates the database unless it exists. Only its owner and the `triptych_verify` role may connect."""
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await admin.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE "{template}"')
    # PUBLIC may connect to a new database by default: then each service could read the others' catalogues.
    await admin.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    await admin.execute(f'GRANT CONNECT ON DATABASE "{name}" TO "{VERIFY_ROLE}"')


async def create_all(admin_dsn: str, passwords: Mapping[str, str]) -> None:
    """Creates the four databases and all roles. `passwords` has a key for every service and for `triptych_verify`."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        await create_roles(admin, passwords)
        for service in SERVICES:
            await create_database(admin, service, owner=service)
    finally:
        await admin.close()


def migrate(service: str, url: str) -> None:
    """Runs a service's migrations; blocking. The module is imported only here, because most users of this package need no tables."""
    import_module(f"services.{service}.migrate").MIGRATIONS.upgrade(url)


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
