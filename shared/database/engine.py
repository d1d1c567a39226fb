"""The engine and the sessions of one service."""

from typing import Any

import orjson
from sqlalchemy import event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]
ANSWER_SECONDS = 20
TRANSACTION_SECONDS = 300
_AN_HOUR = text("SELECT set_config('transaction_timeout', '0', true), set_config('transaction_timeout', '1h', true)")
"""In this order: a limit that runs already is not replaced by another one."""


def create_engine(url: str, pool: int = 10, name: str = "triptych") -> AsyncEngine:
    """An engine on asyncpg. Statements give up on a lock after 10 s and on an answer after 20 s, and transactions that do nothing are
    ended after 30 s, so that no forgotten session and no half-open connection can stop the service; all surface as errors that are
    retried. In the midst of a statement, prepared and not yet executed, PostgreSQL does not count that as doing nothing: hence a
    limit to whole transactions."""
    engine = create_async_engine(
        url,
        pool_size=pool,
        max_overflow=pool,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": 10,
            "command_timeout": ANSWER_SECONDS,
            "server_settings": {
                "application_name": name,
                "timezone": "UTC",
                "lock_timeout": "10s",
                "idle_in_transaction_session_timeout": "30s",
                "transaction_timeout": f"{TRANSACTION_SECONDS}s",
            },
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    event.listen(engine.sync_engine, "handle_error", _give_up_the_silent)
    return engine


async def allow_an_hour(session: AsyncSession) -> None:
    """For the one kind of transaction whose length others decide: a bank's file of many thousand lines is taken in whole or not at all."""
    await session.execute(_AN_HOUR)


def _refuse_closed(connection: Any, *_: object) -> None:
    """A pooled connection whose end was heard of (PostgreSQL was started anew) is replaced. The driver knows: asking the server
    each time (pool_pre_ping) would be a round trip more for every transaction."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the connection has ended")


def _give_up_the_silent(context: ExceptionContext) -> OperationalError | None:
    """A connection on which no answer came in time is not used again, nor are those that were made before: what lies between may have
    forgotten them all, and each would cost another wait. To whoever asked it is an outage like any other."""
    error = context.original_exception
    if not isinstance(error, TimeoutError):
        return None
    context.is_disconnect = context.invalidate_pool_on_disconnect = True
    return OperationalError(context.statement, None, error, connection_invalidated=True)


def sessions_of(engine: AsyncEngine) -> Sessions:
    """Sessions whose rows stay readable after commit; relationships are never loaded behind one's back."""
    return async_sessionmaker(engine, expire_on_commit=False)
