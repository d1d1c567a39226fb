"""A digest of a database, by which a test proves that nothing was changed."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_TABLES = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND NOT relispartition"
_ROWS = "SELECT md5(coalesce(string_agg(r, '|' ORDER BY r), '')) FROM (SELECT t::text AS r FROM \"{}\" t) rows"


async def digest(engine: AsyncEngine, *besides: str) -> dict[str, str]:
    """Table to a hash of all its rows, without the tables `besides`. Equal digests: nothing has changed."""
    async with engine.connect() as connection:
        names = sorted(set(await connection.scalars(text(_TABLES))) - {"alembic_version", *besides})
        return {name: str(await connection.scalar(text(_ROWS.format(name)))) for name in names}
