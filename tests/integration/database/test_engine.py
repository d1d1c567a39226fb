"""A service's database connections when the network drops them silently."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.embedded.ports import free_port
from deploy.embedded.servers import PostgreSQL
from shared.database import create_engine
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
