"""The engine and the sessions of one service."""

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]


def create_engine(url: str, pool: int = 10, name: str = "triptych") -> AsyncEngine:
    """An engine on asyncpg. Statements give up on a lock after 10 s and on an answer after 20 s, and transactions that do nothing are
    ended after 30 s, so that no forgotten session and no half-open connection can stop the service; all surface as errors that are
    retried."""
    return create_async_engine(
        url,
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": 10,
            "command_timeout": 20,
            "server_settings": {
                "application_name": name,
                "timezone": "UTC",
                "lock_timeout": "10s",
                "idle_in_transaction_session_timeout": "30s",
            },
        },
    )


def sessions_of(engine: AsyncEngine) -> Sessions:
    """Sessions whose rows stay readable after commit; relationships are never loaded behind one's back."""
    return async_sessionmaker(engine, expire_on_commit=False)
