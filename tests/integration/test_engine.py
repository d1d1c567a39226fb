"""A service's connections to its database, over a link that forgets them."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.chaos.proxy import Proxy
from deploy.embedded.ports import free_port
from deploy.embedded.servers import PostgreSQL
from shared.database import create_engine
from shared.messaging.inbox import is_outage


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
