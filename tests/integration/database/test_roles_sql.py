"""`deploy/postgres/roles.sql` makes the same roles and databases as the embedded platform."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded import binaries
from deploy.embedded.data_directory import REPOSITORY
from deploy.embedded.databases import VERIFY_ROLE
from deploy.embedded.servers import PostgreSQL
from shared.kernel.services import SERVICES, owner_of

DATABASES = """
    SELECT datname, pg_get_userbyid(datdba), array(SELECT unnest(datacl)::text ORDER BY 1) FROM pg_database
    WHERE datname = ANY($1) ORDER BY 1
"""


def run_script(postgres: PostgreSQL, passwords: dict[str, str]) -> None:
    variables = {f"{role.upper()}_PASSWORD": password for role, password in passwords.items()}
    url = postgres.url("postgres", driver="postgresql")
    command = [str(binaries.postgres() / "psql"), "--no-psqlrc", "--quiet", url, "--file", str(REPOSITORY / "deploy/postgres/roles.sql")]
    done = subprocess.run(command, env={"PATH": os.defpath, **variables}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def other_server(server_folder: Path) -> Iterator[PostgreSQL]:
    """Not the server of the other tests, which has these roles."""
    with PostgreSQL(server_folder / "roles-sql", settings={"fsync": "off"}) as server:
        yield server


async def test_script_makes_roles_and_databases_twice(other_server: PostgreSQL, roles: dict[str, str]) -> None:
    run_script(other_server, roles)
    for service in SERVICES:  # as in an installation with one role
        admin = await asyncpg.connect(other_server.url(service, driver="postgresql"))
        await admin.execute(f'CREATE TABLE old (id int); ALTER TABLE old OWNER TO "{service}"; ALTER DATABASE {service} OWNER TO {service}')
        await admin.close()
    run_script(other_server, roles)
    admin = await asyncpg.connect(other_server.url("postgres", driver="postgresql"))
    found = [tuple(row) for row in await admin.fetch(DATABASES, list(SERVICES))]
    await admin.close()
    assert [(name, owner) for name, owner, _ in found] == [(service, owner_of(service)) for service in SERVICES]
    for service, owner, granted in found:
        assert granted == sorted([f"{owner}=CTc/{owner}", f"{service}=c/{owner}", f"{VERIFY_ROLE}=c/{owner}"])
    url = other_server.url("payments", owner_of("payments"), roles[owner_of("payments")], driver="postgresql")
    owner = await asyncpg.connect(url)
    assert await owner.fetchval("SELECT relowner::regrole::text FROM pg_class WHERE relname = 'old'") == "payments_owner"
    await owner.close()
    runtime = await asyncpg.connect(other_server.url("payments", "payments", roles["payments"], driver="postgresql"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await runtime.execute("SELECT * FROM old")
    await runtime.close()
