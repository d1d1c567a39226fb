"""The transaction of a request."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.errors import Unavailable


async def session_for(request: Request) -> AsyncIterator[AsyncSession]:
    """The one transaction of the request: committed when the route returns, rolled back when it raises. `Unavailable` when the
    database does not answer."""
    async with request.app.state.sessions.begin() as session:
        await _connected(session)
        yield session


async def late_session_for(request: Request) -> AsyncIterator[AsyncSession]:
    """As `session_for`, but the transaction begins with its first statement: for a request that mostly needs none of its own."""
    session: AsyncSession = request.app.state.sessions()
    try:
        yield session
        if session.in_transaction():
            await session.commit()
    except OSError as error:
        raise Unavailable("the database does not answer") from error
    finally:
        if session.in_transaction():
            await session.close()


async def reading_session_for(request: Request) -> AsyncIterator[AsyncSession]:
    """For a request that only reads: each statement for itself, which saves the two messages around them. RuntimeError where a row was
    changed. Raises as `session_for`."""
    async with request.app.state.sessions(autoflush=False) as session:
        await _connected(session, isolation_level="AUTOCOMMIT")
        yield session
        if session.new or session.dirty or session.deleted:
            raise RuntimeError("a request that only reads has changed a row")


async def _connected(session: AsyncSession, **options: str) -> None:
    try:
        await session.connection(execution_options=options)
    except OSError as error:  # asyncpg does not wrap what it raises while connecting
        raise Unavailable("the database does not answer") from error


Session = Annotated[AsyncSession, Depends(session_for, scope="function")]
"""Scope 'function' ends the transaction before the answer is sent, so that no client gets a 2xx for what was not committed."""
LateSession = Annotated[AsyncSession, Depends(late_session_for, scope="function")]
ReadingSession = Annotated[AsyncSession, Depends(reading_session_for, scope="function")]
