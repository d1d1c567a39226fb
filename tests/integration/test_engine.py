"""A service's connections to its database, over a link that forgets them."""

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


async def test_connections_that_were_forgotten_on_the_way_cost_one_wait(postgres: PostgreSQL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.database.engine.ANSWER_SECONDS", 2)
    link = Proxy(free_port(), postgres.port)
    await link.start()
    engine = create_engine(postgres.url("postgres").replace(f":{postgres.port}/", f":{link.port}/"))
    await asyncio.gather(*(ask(engine, 0.5) for _ in range(4)))  # four connections wait in the pool
    link.strand(lambda _: True)
    with pytest.raises(OperationalError) as silence:
        await ask(engine)
    assert is_outage(silence.value)
    for _ in range(4):
        await ask(engine)
    link.drop(lambda _: True)
    await engine.dispose()
    await link.stop()


async def test_what_fell_silent_in_the_midst_of_a_statement_lets_go_of_its_locks(
    postgres: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
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
