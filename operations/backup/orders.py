"""Compares the outgoing folder, which a restore does not roll back, with payments: each order in its files may have been paid."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from deploy.embedded.state import State
from services.payments.commands.hold_payments import hold_payments
from services.payments.commands.import_payment_file import import_payment_file
from services.payments.commands.release_hold import release_hold
from services.payments.queries.orphan_orders import list_orphan_orders
from services.payments.queries.views import OrphanOrderView
from shared.database import create_engine, sessions_of
from shared.database.engine import Sessions
from shared.identity.actor import Actor
from shared.kernel.errors import Refused
from shared.messaging.context import Context
from shared.policy.loader import load_book

OPERATOR = Actor("operator", frozenset(), frozenset())
"""The actor in the events: a person who may run commands on the platform's machine."""
MAX_BYTES = 100_000_000


@dataclass
class Comparison:
    """`files` were compared; `orders` of them were missing in the database. `unreadable`: file name → the reason."""

    files: int = 0
    orders: int = 0
    unreadable: dict[str, Refused] = field(default_factory=dict)


async def hold_and_compare(state: State, outgoing: Path) -> Comparison:
    """Holds payments: nothing is sealed or sent until `release`. Then imports every file of the outgoing folder."""
    async with _payments(state) as sessions:
        async with sessions.begin() as session:
            await hold_payments(_context(state, session), "restored from a backup")
        return await _compare(state, sessions, outgoing)


async def release(state: State, outgoing: Path, assurance: str, statements_until: date | None) -> tuple[Comparison, bool]:
    """Compares again, because files may have been put back since the restore, and lifts the hold. False: payments were not held.

    Raises `Refused` while a file, or an answer of the bank, holds orders that cannot be read.
    """
    async with _payments(state) as sessions:
        compared = await _compare(state, sessions, outgoing)
        if compared.unreadable:
            files = [f"{name} ({reason.code})" for name, reason in compared.unreadable.items()]
            raise Refused("unreadable-payment-files", "Files in the outgoing folder cannot be read: {files}.", files=files)
        async with sessions.begin() as session:
            lifted = await release_hold(_context(state, session), assurance, statements_until)
        return compared, lifted is not None


async def orphan_orders(state: State) -> list[OrphanOrderView]:
    """The orders in bank files for which payments has no payment."""
    async with _payments(state) as sessions, sessions() as session:
        return await list_orphan_orders(_context(state, session))


async def _compare(state: State, sessions: Sessions, outgoing: Path) -> Comparison:
    """Each file is one transaction, in the order of their names."""
    compared = Comparison()
    for path in _files(outgoing):
        try:
            async with sessions.begin() as session:
                orders = await import_payment_file(_context(state, session), path.read_bytes(), MAX_BYTES)
        except Refused as refused:
            compared.unreadable[path.name] = refused
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
