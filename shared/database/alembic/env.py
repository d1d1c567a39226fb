"""Runs Alembic: online only, on asyncpg, with a lock timeout so that a migration does not block all other transactions."""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

config = context.config


def in_models(_: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Monthly partitions of the outbox exist only in the database."""
    return not (kind == "table" and reflected and compare_to is None and str(name).startswith("outbox_"))


def run(connection: Connection) -> None:
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=config.attributes.get("metadata"),
        include_object=in_models,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect() -> None:
    engine = create_async_engine(config.attributes["url"], poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


asyncio.run(connect())
