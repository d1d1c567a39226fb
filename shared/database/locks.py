"""Locks by name, for what has no row that could be locked. They are held until the end of the transaction."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, text
from sqlalchemy.ext.asyncio import AsyncSession

_LOCK_NAMES = text("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name")


def name_lock(name: Any) -> Any:
    """The expression that waits for the name's lock, for a statement that reads something too. Two names with the same hash only wait
    for each other."""
    return func.pg_advisory_xact_lock(func.hashtextextended(name, 0))


async def lock_names(session: AsyncSession, names: Iterable[str]) -> None:
    """By one statement, in the order of the names, so that no two transactions wait for each other."""
    await session.execute(_LOCK_NAMES, {"names": sorted(set(names))})
