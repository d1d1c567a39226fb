"""The engine and the sessions of one service."""

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]


def create_engine(url: str, pool: int = 10, name: str = "triptych") -> AsyncEngine:
    """An engine on asyncpg. Statements give up on a lock after 10 s and idle transactions are ended after 60 s, so that no
    forgotten session can stop the service; both surface as errors that are retried."""
    return create_async_engine(
        url,
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "server_settings": {
                "application_name": name,
                "timezone": "UTC",
                "lock_timeout": "10s",
                "idle_in_transaction_session_timeout": "60s",
            }
        },
    )


def sessions_of(engine: AsyncEngine) -> Sessions:
    """Sessions whose rows stay readable after commit; relationships are never loaded behind one's back."""
    return async_sessionmaker(engine, expire_on_commit=False)
