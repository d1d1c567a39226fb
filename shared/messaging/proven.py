"""Acts that are believed by their event: a state that says the same can be set with the password of the database alone."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from shared.database.base import table_of
from shared.database.sealing import sealer_of
from shared.messaging.event import Event
from shared.messaging.mac import is_genuine
from shared.messaging.tables import OutboxRow
from shared.messaging.unwritten import write_events


async def proven_events(session: AsyncSession, keys: Collection[UUID], *contracts: type[Event]) -> list[Row[Any]]:
    """The events of these contracts about these aggregates that a process of the service wrote, in order: rows of the outbox, unmapped."""
    if not keys:
        return []
    await write_events(session)
    types = col(OutboxRow.type).in_({type_ for contract in contracts for type_ in (contract.type, *contract.renamed)})
    query = select(table_of(OutboxRow)).where(col(OutboxRow.key).in_(keys), types).order_by(col(OutboxRow.position))
    sealer = sealer_of(session)
    return [row for row in await session.execute(query) if is_genuine(sealer, row._asdict())]
