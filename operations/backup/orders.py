"""The outgoing folder, which no restore rolls back, compared with what payments knows: each file there may have been paid."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from deploy.embedded.state import State
from services.payments.commands.find_orders import find_orders
from services.payments.commands.hold_payments import hold_payments
from services.payments.commands.release_hold import release_hold
from services.payments.queries.bank import FoundOrder, unplaced_orders
from shared.database import create_engine, sessions_of
from shared.database.engine import Sessions
from shared.identity.actor import Actor
from shared.kernel.errors import Refused
from shared.messaging.context import Context
from shared.policy.loader import load_book

OPERATOR = Actor("operator", frozenset(), frozenset())
"""Who acts in the events: whoever may run commands on the platform's machine."""
MAX_BYTES = 100_000_000


@dataclass
class Compared:
    """`orders` of `files` were unknown to the database; `problems` are files that tell nothing, with the reason."""

    files: int = 0
    orders: int = 0
    problems: list[str] = field(default_factory=list)


async def hold_and_compare(state: State, outgoing: Path) -> Compared:
    """From here on nothing is sealed or sent, until `release`."""
    async with _payments(state) as sessions:
        async with sessions.begin() as session:
            await hold_payments(_context(state, session), "restored from a backup")
        return await _compare(state, sessions, outgoing)


async def release(state: State, outgoing: Path, assurance: str, statements_until: date | None) -> tuple[Compared, bool]:
    """Compares once more, for files that were put back meanwhile; then payments go on. False: nothing was held.

    Raises `Refused` while a file or the bank tells of orders that are not understood.
    """
    async with _payments(state) as sessions:
        compared = await _compare(state, sessions, outgoing)
        if compared.problems:
            raise Refused("files-unreadable", f"Files in the outgoing folder tell nothing: {'; '.join(compared.problems)}.")
        async with sessions.begin() as session:
            lifted = await release_hold(_context(state, session), assurance, statements_until)
        return compared, lifted is not None


async def unplaced(state: State) -> list[FoundOrder]:
    async with _payments(state) as sessions, sessions() as session:
        return await unplaced_orders(_context(state, session))


async def _compare(state: State, sessions: Sessions, outgoing: Path) -> Compared:
    """A file a transaction, in the order of their names."""
    compared = Compared()
    for path in _files(outgoing):
        try:
            async with sessions.begin() as session:
                orders = await find_orders(_context(state, session), path.read_bytes(), MAX_BYTES)
        except Refused as refused:
            compared.problems.append(f"{path.name}: {refused.detail}")
        else:
            compared.files, compared.orders = compared.files + 1, compared.orders + orders
    return compared


def _context(state: State, session: AsyncSession) -> Context:
    return Context(session, OPERATOR, load_book(state.policies), state.clock.now)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[!.]*.xml"))


@asynccontextmanager
async def _payments(state: State) -> AsyncIterator[Sessions]:
    engine = create_engine(state.database_url("payments"), 2, "triptych-operator")
    try:
        yield sessions_of(engine)
    finally:
        await engine.dispose()
