"""The migrations of every service make the database that its tables describe, constraints and indexes included."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import Connection, MetaData, make_url, text

from deploy.embedded import release
from shared.database import create_engine
from shared.runtime.migrations import Migrations
from tests.support.databases import owner_url

FreshDatabase = Callable[[str], Awaitable[str]]

CONSTRAINTS = """
    SELECT conrelid::regclass::text || ': ' || conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype IN ('c', 'u', 'p') AND connamespace = 'public'::regnamespace AND conrelid::regclass::text = ANY(:tables)
"""
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(:tables)"


def described(connection: Connection, tables: list[str]) -> dict[str, str]:
    """The definition of each constraint and index of the tables, by name, as PostgreSQL writes it."""
    return {
        name: definition for query in (CONSTRAINTS, INDEXES) for name, definition in connection.execute(text(query), {"tables": tables})
    }


def made_by_tables(connection: Connection, metadata: MetaData) -> dict[str, str]:
    """The definitions that the table classes make, in place of the migrated tables."""
    for table in metadata.tables:
        connection.execute(text(f'ALTER TABLE "{table}" RENAME TO "migrated_{table}"'))
    names = text("SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename LIKE 'migrated\\_%'")
    for name in connection.scalars(names).all():
        connection.execute(text(f'ALTER INDEX "{name}" RENAME TO "migrated_{name}"'))
    metadata.create_all(connection, checkfirst=False)
    return described(connection, list(metadata.tables))


@pytest.mark.parametrize("service", ["applications", "evaluation", "payments", "vouchers"])
async def test_migrations_make_what_the_tables_describe(fresh_database: FreshDatabase, service: str) -> None:
    migrations: Migrations = importlib.import_module(f"services.{service}.migrate").MIGRATIONS
    url = owner_url(await fresh_database(service))
    await asyncio.to_thread(migrations.check, url)  # tables, columns and types; alembic does not compare CHECK constraints
    engine = create_engine(url)
    async with engine.connect() as connection:
        migrated = await connection.run_sync(described, list(migrations.tables.tables))
        made = await connection.run_sync(made_by_tables, migrations.tables)
        await connection.rollback()
    await engine.dispose()
    assert {name: migrated.get(name) for name in made} == made
    assert migrated.keys() == made.keys()


async def test_process_waits_for_its_migrations(fresh_database: FreshDatabase) -> None:
    """As the role of the service. A later version has only added, so an older process that is started again need not wait."""
    migrations: Migrations = importlib.import_module("services.vouchers.migrate").MIGRATIONS
    url = await fresh_database("vouchers")
    assert await asyncio.to_thread(migrations.is_current, url)
    assert not await asyncio.to_thread(migrations.is_current, f"{url}_that_is_not_there")
    owner = create_engine(owner_url(url))
    for version, current in (("vouchers_0001", False), ("vouchers_9999", True)):
        async with owner.begin() as connection:
            newer = text("UPDATE alembic_version SET version_num = :version WHERE version_num LIKE 'vouchers%'")
            await connection.execute(newer, {"version": version})
        assert await asyncio.to_thread(migrations.is_current, url) is current
    await owner.dispose()


async def test_database_says_which_release_has_migrated_it(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    address = make_url(owner_url(await fresh_database("portal"))).set(drivername="postgresql")
    dsn, name = address.render_as_string(hide_password=False), str(address.database)
    first = await release.behind(dsn, (name,))
    await release.mark_migrated(dsn, first)
    assert await release.behind(dsn, (name,)) == {}
    monkeypatch.setattr(release, "release_of", lambda _: "a later one")
    assert first != await release.behind(dsn, (name,)) == {name: "a later one"}
