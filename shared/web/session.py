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
        try:
            await session.connection()
        except OSError as error:  # asyncpg does not wrap what it raises while connecting
            raise Unavailable("the database does not answer") from error
        yield session


Session = Annotated[AsyncSession, Depends(session_for, scope="function")]
"""Scope 'function' ends the transaction before the answer is sent, so that no client gets a 2xx for what was not committed."""
