"""What a database holds, as somebody would find it who got a dump of it."""

from sqlalchemy import text

from shared.database import Sessions

_COLUMNS = text("""
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type NOT IN ('uuid', 'bigint', 'integer', 'boolean', 'date', 'timestamp with time zone')
""")
_AS_BYTES = "position(encode(convert_to(:marker, 'UTF8'), 'hex') IN {value}) > 0"


async def assert_nowhere(sessions: Sessions, *markers: str) -> None:
    """No column of any table holds one of the markers, as text or as bytes."""
    found = []
    async with sessions() as session:
        for table, column in (await session.execute(_COLUMNS)).all():
            value = f'"{column}"::text'
            holds = text(f'SELECT count(*) FROM "{table}" WHERE position(:marker IN {value}) > 0 OR {_AS_BYTES.format(value=value)}')
            found += [f"{table}.{column}: {marker}" for marker in markers if await session.scalar(holds, {"marker": marker})]
    assert not found, f"in clear: {found}"
