"""One database and one role per service on one PostgreSQL; each role is refused by the databases of the others.

A further role, `triptych_verify`, reads everything and can write nothing: `triptych verify` uses it.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module

import asyncpg

SERVICES = ("applications", "evaluation", "payments", "vouchers")
VERIFY_ROLE = "triptych_verify"


async def create_roles(admin: asyncpg.Connection, passwords: Mapping[str, str]) -> None:
    """Makes the role of each name in `passwords`, or gives it that password when it exists; may be run again."""
    for role, password in passwords.items():
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            await admin.execute(f'CREATE ROLE "{role}"')
        await admin.execute(f"ALTER ROLE \"{role}\" LOGIN PASSWORD '{_quoted(password)}'")
    if VERIFY_ROLE in passwords:
        await admin.execute(f'GRANT pg_read_all_data TO "{VERIFY_ROLE}"')
        await admin.execute(f'ALTER ROLE "{VERIFY_ROLE}" SET default_transaction_read_only = on')


async def create_database(admin: asyncpg.Connection, name: str, owner: str, template: str = "template1") -> None:
    """Makes the database unless it is there, and closes it to everyone but its owner and the reader."""
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await admin.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE "{template}"')
    # PUBLIC may connect to a new database by default: then each service could read the others' catalogues.
    await admin.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    await admin.execute(f'GRANT CONNECT ON DATABASE "{name}" TO "{VERIFY_ROLE}"')


async def create_all(admin_dsn: str, passwords: Mapping[str, str]) -> None:
    """The four databases with their roles, and the reader. `passwords` names every service and `triptych_verify`."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        await create_roles(admin, passwords)
        for service in SERVICES:
            await create_database(admin, service, owner=service)
    finally:
        await admin.close()


def migrate(service: str, url: str) -> None:
    """Brings a service's database up to date; blocking. Its tables are imported now: a client of the platform does not need them."""
    import_module(f"services.{service}.migrate").MIGRATIONS.upgrade(url)


async def has_events(dsns: Iterable[str]) -> bool:
    """Whether anything has ever happened here: no state changes without an event."""
    for dsn in dsns:
        database = await asyncpg.connect(dsn)
        try:
            if await database.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
                return True
        finally:
            await database.close()
    return False


def _quoted(text: str) -> str:
    """For a string literal in a statement that takes no parameters."""
    return text.replace("'", "''")
