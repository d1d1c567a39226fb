"""The engine and the sessions of one service."""

from typing import Any

import orjson
from sqlalchemy import event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from shared.database.sealing import SEALER, Sealer

Sessions = async_sessionmaker[AsyncSession]
ANSWER_SECONDS = 20
TRANSACTION_SECONDS = 300
_LONG_TRANSACTION = text("SELECT set_config('transaction_timeout', '0', true), set_config('transaction_timeout', '1h', true)")
"""In this order: PostgreSQL does not replace a limit whose time is running, so it is switched off first."""


def create_engine(url: str, pool: int = 10, name: str = "triptych") -> AsyncEngine:
    """An engine on asyncpg, with time limits so that no idle session and no half-open connection can block the service.

    A statement waits for a lock for 10 s and for its answer for 20 s; a transaction may be idle for 30 s. All of them end in
    errors that are retried. PostgreSQL does not count a session as idle between preparing and executing a statement, so whole
    transactions have a limit too.
    """
    engine = create_async_engine(
        url,
        hide_parameters=True,  # an error goes to logs and dead letters, and its values are of persons
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
    event.listen(engine.sync_engine, "checkout", _replace_closed)
    event.listen(engine.sync_engine, "handle_error", _discard_unresponsive)
    return engine


async def allow_long_transaction(session: AsyncSession) -> None:
    """Lets this transaction run for an hour: a bank file of many thousand lines is imported as a whole or not at all."""
    await session.execute(_LONG_TRANSACTION)


def _replace_closed(connection: Any, *_: object) -> None:
    """Replaces a pooled connection that the driver knows to be closed, for instance after a restart of PostgreSQL.

    Asking the server each time (pool_pre_ping) would cost one more round trip for every transaction.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the connection has ended")


def _discard_unresponsive(context: ExceptionContext) -> OperationalError | None:
    """Discards a connection on which an answer timed out, and all older ones of the pool; the caller gets an outage error.

    A network device between may have dropped all of them, and each would cost another time-out.
    """
    error = context.original_exception
    if not isinstance(error, TimeoutError):
        return None
    context.is_disconnect = context.invalidate_pool_on_disconnect = True
    return OperationalError(context.statement, None, error, connection_invalidated=True)


def shortest_limit_seconds() -> int:
    """A transaction that has failed sooner than this was not ended by a limit of its time."""
    return min(ANSWER_SECONDS, TRANSACTION_SECONDS)


def sessions_of(engine: AsyncEngine, sealer: Sealer | None = None) -> Sessions:
    """Sessions whose rows stay readable after commit. Without a `sealer` they read and write no sealed column."""
    return async_sessionmaker(engine, expire_on_commit=False, info={SEALER: sealer})
