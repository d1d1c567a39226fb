"""A service's database connections when the network drops them silently."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import column, insert, select, table, text
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.embedded.ports import free_port
from deploy.embedded.servers import PostgreSQL
from shared.database import create_engine
from shared.database.base import INSTANT
from shared.messaging.inbox import is_outage
from simulation.chaos.proxy import Proxy


async def ask(engine: AsyncEngine, seconds: float = 0) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})


async def test_silently_dropped_connections_cost_one_timeout(postgres: PostgreSQL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.database.engine.ANSWER_SECONDS", 2)
    proxy = Proxy(free_port(), postgres.port)
    await proxy.start()
    engine = create_engine(postgres.url("postgres").replace(f":{postgres.port}/", f":{proxy.port}/"))
    await asyncio.gather(*(ask(engine, 0.5) for _ in range(4)))  # four connections wait in the pool
    proxy.strand(lambda _: True)
    with pytest.raises(OperationalError) as timeout:
        await ask(engine)
    assert is_outage(timeout.value)
    for _ in range(4):
        await ask(engine)
    proxy.drop(lambda _: True)
    await engine.dispose()
    await proxy.stop()


async def test_instant_without_a_zone_is_refused(postgres: PostgreSQL) -> None:
    """Also where sqlmodel does not, because the column states its type: asyncpg takes it for the local time of the machine."""
    engine, aware = create_engine(postgres.url("postgres")), datetime(2026, 1, 15, 12, tzinfo=UTC)
    naive = aware.replace(tzinfo=None)
    instants = table("instants", column("at", INSTANT))
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TEMPORARY TABLE instants (at timestamptz)"))
        for statement in (insert(instants).values(at=naive), select(instants).where(instants.c.at < naive)):
            with pytest.raises(StatementError, match="an instant needs a zone"):
                await connection.execute(statement)
        await connection.execute(insert(instants), [{"at": aware}, {"at": None}])
        later = select(instants.c.at + timedelta(days=1)).where(instants.c.at.is_not(None))
        assert await connection.scalar(later) == aware + timedelta(days=1)
    await engine.dispose()


async def test_silent_transaction_ends_and_releases_its_locks(postgres: PostgreSQL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.database.engine.TRANSACTION_SECONDS", 2)
    silent, other = create_engine(postgres.url("postgres")), create_engine(postgres.url("postgres"))
    lock = text("SELECT pg_advisory_xact_lock(7)")
    async with silent.connect() as connection:
        await connection.execute(lock)
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.prepare("SELECT 'not yet executed'")
        async with other.begin() as waiting:  # up to 10 s
            await waiting.execute(lock)
        await connection.invalidate()
    await silent.dispose()
    await other.dispose()
