"""Transactions of a service as the operator, for commands to which no route leads."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from deploy.embedded.state import State
from shared.database import create_engine, sessions_of
from shared.database.sealing import Sealer
from shared.identity.actor import OPERATOR
from shared.messaging.context import Context
from shared.messaging.scheme_files import SchemeFiles
from shared.policy.loader import load_book

Begin = Callable[[], AbstractAsyncContextManager[Context]]


@asynccontextmanager
async def transactions(state: State, service: str, sealer: Sealer) -> AsyncIterator[Begin]:
    """What begins a transaction of the service."""
    engine = create_engine(state.database_url(service), 2, "triptych-operator")
    sessions, policies = sessions_of(engine, sealer), load_book(state.policies)

    await SchemeFiles(service, sessions, policies).refresh()

    @asynccontextmanager
    async def begin() -> AsyncIterator[Context]:
        async with sessions.begin() as session:
            yield Context(session, OPERATOR, policies, state.clock.now)

    try:
        yield begin
    finally:
        await engine.dispose()
