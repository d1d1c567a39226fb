"""What a database holds, and what its server has worked."""

from dataclasses import dataclass
from typing import Self

import asyncpg
import psutil

TABLES = """
    SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
"""
BYTES = """
    SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relkind IN ('r', 'i', 't') AND relnamespace <> 'pg_catalog'::regnamespace
        AND relnamespace <> 'information_schema'::regnamespace AND NOT relisshared AND oid >= 16384
"""
LOG = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"


@dataclass(frozen=True)
class Content:
    """`rows` of all tables, `events` of the outbox among them; `stored`: bytes of tables and indexes; `logged`: bytes of the server's
    write-ahead log since its beginning, of all its databases."""

    rows: int
    events: int
    stored: int
    logged: int

    def since(self, earlier: Self) -> "Content":
        return Content(self.rows - earlier.rows, self.events - earlier.events, self.stored - earlier.stored, self.logged - earlier.logged)


async def content_of(url: str) -> Content:
    """`url`: of a role that may read all tables."""
    connection = await asyncpg.connect(url)
    try:
        tables = [row[0] for row in await connection.fetch(TABLES)]
        counts = {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables}
        events = sum(count for table, count in counts.items() if table.startswith("outbox_") and table != "outbox_checkpoints")
        stored, logged = await connection.fetchval(BYTES), await connection.fetchval(LOG)
        return Content(sum(counts.values()), events, int(stored), int(logged))
    finally:
        await connection.close()


async def server_seconds(url: str) -> float:
    """Processor time so far of all processes of the PostgreSQL at `url`, on this machine."""
    connection = await asyncpg.connect(url)
    try:
        server = psutil.Process(connection.get_server_pid()).parent()
        assert server
        times = server.cpu_times()
        ended = times.children_user + times.children_system
        return float(ended + sum(sum(process.cpu_times()[:2]) for process in (server, *server.children(recursive=True))))
    finally:
        await connection.close()
